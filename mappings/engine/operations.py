"""The operations of the mapping language: each writes the Python that computes one value and gives back its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from inspect import signature
from typing import Any

from mappings.engine.cells import constant, typed
from mappings.engine.derive import FUNCTIONS
from mappings.engine.gives import NUMBER, TYPES, UNKNOWN, gives
from mappings.engine.nodes import Node, meant
from mappings.engine.paths import Path, payload_paths, read_paths
from mappings.engine.shapes import ENUMS, READERS
from mappings.engine.tables import Table
from mappings.engine.writer import Place, Writer, as_object, loops, reads_as, walk


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is compiled: `here` and `root` in the payload, and the values made before it (`$name`), with
    their kinds; `asked`: the settings that the file names, each where it stands first."""

    writer: Writer
    here: Place
    root: Place
    tables: Mapping[str, Table]
    functions: Mapping[str, Callable[..., Any]]
    made: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Node] = field(default_factory=dict)

    def start(self, path: Path) -> Place:
        """The place from which a path is walked."""
        return self.root if path.start == "root" else self.here

    def inside(self, here: Place) -> Scope:
        """The same scope standing elsewhere, with nothing made yet."""
        return replace(self, here=here, made={}, kinds={})


Operation = Callable[[Scope, Node, str], str]


def expression(scope: Scope, node: Node, kind: str) -> str:
    """Write one expression of the given kind; returns the source text of its value (None where unknown)."""
    if isinstance(node.value, str):
        return _read_first(scope, node, kind)
    operation = next((name for name in node.mapping() if name in OPERATIONS), None)
    if operation is None:
        raise node.fault(f"expected a path or one of: {', '.join(sorted(OPERATIONS))}")
    return OPERATIONS[operation](scope, node, kind)


def blame(scope: Scope, node: Node, name: str) -> Place:
    """The field to name when the value of `node` is missing: the first path in it, else `name`."""
    if isinstance(node.value, dict):
        inner = next((node.value[key] for key in ("read", "of", "first") if key in node.value), None)
        return scope.here.below("", name) if inner is None else blame(scope, inner, name)
    node = node.sequence()[0] if node.sequence() else node
    if not isinstance(node.value, str):
        return blame(scope, node, name)
    path = read_paths(node)[0]
    place = scope.start(path)
    for step in path.steps:
        place = place.below("", step.name)
    return place


def reader_call(scope: Scope, node: Node, kind: str, place: Place) -> str:
    """Source text that reads the raw value at `place` as `kind`. Raises Misconfigured for an unknown kind."""
    if kind in READERS:
        return READERS[kind].format(v=place.var, place=repr(place.told), at=place.at)
    if kind in ENUMS:
        raise node.fault(f"{kind} takes a table or a const, for the channel's words are not ours")
    if kind in scope.functions:
        return _custom_call(scope, kind, place)
    raise node.fault(f"cannot read a value as {kind!r}; there are: {', '.join(sorted({*READERS, *scope.functions}))}")


def _custom_call(scope: Scope, kind: str, place: Place) -> str:
    """A reader of functions.py takes (value, place, at) as ours do, or simply (value, field)."""
    if len(signature(scope.functions[kind]).parameters) == 3:
        return f"F_{kind}({place.var}, {place.args})"
    return f"F_{kind}({place.var}, {place.told!r}.format(*{place.at}))"


def _read_first(scope: Scope, node: Node, kind: str) -> str:
    writer, result = scope.writer, ""
    for path in read_paths(node):
        if not result:
            result = writer.let("None")
            _read_path(scope, node, path, kind, result)
            continue
        with writer.block(f"if {result} is None:"):
            _read_path(scope, node, path, kind, result)
    return result


def _read_path(scope: Scope, node: Node, path: Path, kind: str, result: str) -> None:
    writer = scope.writer
    if path.start == "made":
        name = path.steps[0].name
        if name not in scope.made:
            raise node.fault(f"${name} is not made above this line; there are: {', '.join(scope.made) or 'none'}")
        writer.emit(f"{result} = {scope.made[name]}")
    elif path.start == "setting":
        name = path.steps[0].name
        scope.asked.setdefault(name, node)
        raw = Place(writer.let(f"settings.get({name!r})"), f"setting {name}")
        _read_raw(scope, node, kind, raw, result)
    elif path.many:
        with loops(writer, scope.start(path), path) as place, writer.block(f"if {result} is None:"):
            _read_raw(scope, node, kind, place, result)
    else:
        _read_raw(scope, node, kind, walk(writer, scope.start(path), path.steps), result)


def _read_raw(scope: Scope, node: Node, kind: str, place: Place, result: str) -> None:
    with scope.writer.block(f"if {place.var} is not None:"):
        scope.writer.emit(f"{result} = {reader_call(scope, node, kind, place)}")


def _read(scope: Scope, node: Node, kind: str) -> str:
    """`read: path`, `as: kind`, `required: true`."""
    keys = node.only(("read", "as", "required"))
    result = expression(scope, keys["read"], keys["as"].text() if "as" in keys else kind)
    if "required" in keys and keys["required"].text() == "true":
        scope.writer.emit(f"_need({result}, {blame(scope, keys['read'], 'value').args})")
    return result


def _const(scope: Scope, node: Node, kind: str) -> str:
    """`const: value`, of the kind that the field has, or `as: kind`."""
    keys = node.only(("const", "as"))
    return scope.writer.hold(constant(keys["const"], keys["as"].text() if "as" in keys else kind), "const")


def _table(scope: Scope, node: Node, kind: str) -> str:
    """`table: name`, `of: path`, `column: name` (else the field's own name, else the only column), `as: kind`."""
    keys = node.only(("table", "of", "column", "as"))
    kind = keys["as"].text() if "as" in keys else kind
    table = _named_table(scope, keys["table"])
    if "of" not in keys:
        raise node.fault("a table needs `of: path`")
    wanted = keys["column"].text() if "column" in keys else _own_column(table, kind)
    if wanted not in table.columns:
        at, columns = keys.get("column", keys["table"]), ", ".join(table.columns)
        raise at.fault(f"{table.file} has no column {wanted!r}{meant(wanted, table.columns)}; there are: {columns}")
    held = scope.writer.hold(typed(table, wanted, kind), "table")
    return _looked_up(scope, keys["of"], f"{held}, {wanted!r}, settings")


def _own_column(table: Table, kind: str) -> str:
    """The column of a field that names none: words of ours stand in the one that is called so, or in the only one."""
    return kind if kind in table.columns or (kind in ENUMS and len(table.columns) > 1) else table.columns[0]


def _named_table(scope: Scope, node: Node) -> Table:
    """Raises Misconfigured: there is no such table."""
    name = node.text()
    if name not in scope.tables:
        known = ", ".join(sorted(scope.tables))
        raise node.fault(f"no table {name!r}{meant(name, scope.tables)}; there are: {known}")
    return scope.tables[name]


def _looked_up(scope: Scope, node: Node, rest: str) -> str:
    writer, result = scope.writer, scope.writer.let("None")
    for path in payload_paths(node):
        with writer.block(f"if {result} is None:"):
            place = walk(writer, scope.start(path), path.steps)
            writer.emit(f"{result} = _lookup({place.var}, {place.args}, {rest}) if {place.var} is not None else None")
    return result


def _first(scope: Scope, node: Node, kind: str) -> str:
    """`first: [a, b]`: the first that is known."""
    writer, result = scope.writer, scope.writer.let("None")
    for option in node.only(("first",))["first"].sequence():
        with writer.block(f"if {result} is None:"):
            writer.emit(f"{result} = {expression(scope, option, kind)}")
    return result


def _join(scope: Scope, node: Node, kind: str) -> str:
    """`join: [a, b]`, `with: text` (a blank if not said): known texts, one after the other."""
    keys = node.only(("join", "with", "as"))
    between = keys["with"].text() if "with" in keys else " "
    parts = _texts(scope, keys["join"], keys["as"].text() if "as" in keys else "text")
    return scope.writer.let(f"{between!r}.join({parts}) or None")


def _list(scope: Scope, node: Node, kind: str) -> str:
    """`list: [a, b]` or `list: items[].x`: the known texts as a tuple."""
    keys = node.only(("list", "as"))
    return scope.writer.let(f"tuple({_texts(scope, keys['list'], keys['as'].text() if 'as' in keys else 'text')})")


def _texts(scope: Scope, node: Node, kind: str) -> str:
    writer, result = scope.writer, scope.writer.let("[]", "l")
    for part in node.sequence():
        paths = read_paths(part) if isinstance(part.value, str) else ()
        if not any(path.many for path in paths):
            _append(writer, result, of_family(scope, part, kind, expression(scope, part, kind), "text"))
            continue
        before = writer.let(f"len({result})")
        for path in paths:
            with writer.block(f"if len({result}) == {before}:"), loops(writer, scope.start(path), path) as place:
                found = of_family(scope, part, kind, reader_call(scope, part, kind, place), "text")
                _append(writer, result, f"None if {place.var} is None else {found}")
    return result


def _append(writer: Writer, result: str, value: str) -> None:
    found = writer.let(value)
    with writer.block(f"if {found} is not None:"):
        writer.emit(f"{result}.append({found})")


def _sum(scope: Scope, node: Node, kind: str) -> str:
    """`sum: items[].x` (alternatives with `|`), `as: kind`: 0.00 where the list is empty, None where it is absent
    or none of its values is known. With `of: expression` the path names objects; each gives the expression's value.
    """
    keys = node.only(("sum", "of", "as"))
    writer, result = scope.writer, scope.writer.let("None")
    read_as = keys["as"].text() if "as" in keys else kind
    zero = writer.hold(Decimal("0.00") if "money" in {kind, read_as} else Decimal(0), "zero")
    for path in payload_paths(keys["sum"], many=True):
        if not path.many:
            raise keys["sum"].fault("sum takes a path with a list in it: items[].price")
        with writer.block(f"if {result} is None:"):
            _sum_path(scope, keys, path, read_as, (result, zero))
    return result


def _sum_path(scope: Scope, keys: Mapping[str, Node], path: Path, kind: str, names: tuple[str, str]) -> None:
    writer, start, (result, zero) = scope.writer, scope.start(path), names
    upto = next(index for index, step in enumerate(path.steps) if step.each)
    absent = walk(writer, start, tuple(replace(step, each=False, where=()) for step in path.steps[: upto + 1]))
    with writer.block(f"if {absent.var} is not None:"):
        writer.emit(f"{result} = None if {absent.var} else {zero}")
        with loops(writer, start, path, objects="of" in keys) as place, writer.block(f"if {place.var} is not None:"):
            inner, node = scope.inside(place), keys.get("of", keys["sum"])
            found = expression(inner, node, kind) if "of" in keys else reader_call(scope, node, kind, place)
            part = writer.let(of_family(inner, node, kind, found, NUMBER))
            writer.emit(f"if {part} is not None: {result} = {part} if {result} is None else {result} + {part}")


_SIGNS = {"add": "+", "subtract": "-", "multiply": "*"}


def of_family(scope: Scope, node: Node, kind: str, value: str, wanted: str) -> str:
    """`value` where the expression `node` gives what is wanted; looked at when an order is read, if only that shows it.

    Raises: Misconfigured: it gives something else.
    """
    found = gives(node, kind, scope.kinds)
    wrong = sorted(found - {wanted, UNKNOWN})
    if wrong:
        raise node.fault(f"expected {wanted} here, this gives {' or '.join(wrong)}")
    return _looked_at(scope, value, wanted, blame(scope, node, "value")) if UNKNOWN in found else value


def _looked_at(scope: Scope, value: str, wanted: str, place: Place) -> str:
    return f"_of_type({value}, {place.args}, {scope.writer.hold(TYPES[wanted], 'type')}, {wanted!r})"


def _arithmetic(word: str) -> Operation:
    def operation(scope: Scope, node: Node, kind: str) -> str:
        """`add`, `subtract` or `multiply: [a, b, ...]`: None where one of them is unknown."""
        sign, writer = _SIGNS[word], scope.writer
        parts = [
            writer.let(of_family(scope, part, kind, expression(scope, part, kind), NUMBER))
            for part in node.only((word,))[word].sequence()
        ]
        if not parts:
            raise node.fault(f"{word} takes a list of values")
        known = " and ".join(f"{part} is not None" for part in parts)
        value = f" {sign} ".join(parts) if sign != "*" else f"_product({', '.join(parts)})"
        return writer.let(f"{value} if {known} else None")

    return operation


def _when(scope: Scope, node: Node, kind: str) -> str:
    """`when: path` (there is something), or with `is`, `is_not`, `differs_from`; `then`, `otherwise`."""
    keys = node.only(("when", "is", "is_not", "differs_from", "then", "otherwise"))
    if "then" not in keys:
        raise node.fault("`when` needs `then`")
    writer, result = scope.writer, scope.writer.let("None")
    with writer.block(f"if {_condition(scope, keys)}:"):
        writer.emit(f"{result} = {expression(scope, keys['then'], kind)}")
    if "otherwise" in keys:
        with writer.block("else:"):
            writer.emit(f"{result} = {expression(scope, keys['otherwise'], kind)}")
    return result


def _absent(scope: Scope, node: Node) -> str:
    """Whether the keys themselves are missing (null is not missing): of alternatives, all of them."""
    return " and ".join(f"({_missing(scope, path)})" for path in payload_paths(node))


def _missing(scope: Scope, path: Path) -> str:
    parent = walk(scope.writer, scope.start(path), path.steps[:-1])
    if path.steps[:-1]:
        parent = as_object(scope.writer, parent)
    return f"{parent.var} is None or {path.steps[-1].name!r} not in {parent.var}"


def _condition(scope: Scope, keys: Mapping[str, Node]) -> str:
    for key, negate in (("is", ""), ("is_not", "not ")):
        if key in keys and keys[key].text() == "absent":
            return f"{negate}({_absent(scope, keys['when'])})"
    raw = expression(scope, keys["when"], "raw")
    if "is" in keys:
        return reads_as(scope.writer.let(raw), keys["is"].text())
    if "is_not" in keys:
        return f"not ({reads_as(scope.writer.let(raw), keys['is_not'].text())})"
    if "differs_from" in keys:
        other = expression(scope, keys["differs_from"], "raw")
        return f"{raw} is not None and {other} is not None and {raw} != {other}"
    return f"_present({raw})"


def _call(scope: Scope, node: Node, kind: str) -> str:
    """`call: function` of functions.py or `derive`, `with: [values]` (raw unless read as something) or whole tables."""
    keys = node.only(("call", "with"))
    name = keys["call"].text()
    if name not in scope.functions and name not in FUNCTIONS:
        known = ", ".join(sorted({*scope.functions, *FUNCTIONS}))
        raise keys["call"].fault(f"no function {name!r} in functions.py; there are: {known}")
    values = [_argument(scope, part) for part in keys["with"].sequence()] if "with" in keys else []
    _check_count(scope.functions.get(name) or FUNCTIONS[name], len(values), keys["call"])
    return scope.writer.let(f"F_{name}({', '.join(values)})")


def _argument(scope: Scope, node: Node) -> str:
    """A value, or with `table: name` alone the table itself, for functions that rank and compare its rows."""
    if isinstance(node.value, dict) and set(node.value) == {"table"}:
        return scope.writer.hold(_named_table(scope, node.value["table"]), "table")
    return expression(scope, node, "raw")


def _check_count(function: Callable[..., Any], count: int, node: Node) -> None:
    try:
        signature(function).bind(*range(count))
    except TypeError:
        raise node.fault(f"{node.text()} takes {signature(function)}, not {count} values in `with:`") from None


def _map(scope: Scope, node: Node, kind: str) -> str:
    """`map: items[]`, `key: path`, `value: expression`, `as: kind`, `unless: path` (not where the value equals it)."""
    keys = node.only(("map", "key", "value", "as", "key_as", "unless"))
    named, valued = node.needed("key"), node.needed("value")
    read_as = keys["as"].text() if "as" in keys else "text"
    writer, result, seen = scope.writer, scope.writer.let("{}", "m"), scope.writer.let("False")
    for path in payload_paths(keys["map"], many=True):
        with writer.block(f"if not {seen}:"), loops(writer, scope.start(path), path, objects=True) as place:
            writer.emit(f"{seen} = True")
            inner = scope.inside(place)
            key_kind = keys["key_as"].text() if "key_as" in keys else "text"
            key = writer.let(of_family(inner, named, key_kind, expression(inner, named, key_kind), "text"))
            value = expression(inner, valued, read_as)
            other = expression(inner, keys["unless"], read_as) if "unless" in keys else "None"
            with writer.block(f"if {key} is not None and {value} is not None and {value} != {other}:"):
                writer.emit(f"{result}[{key}] = _json({value})")
    return result


OPERATIONS: dict[str, Operation] = {
    "read": _read,
    "const": _const,
    "table": _table,
    "first": _first,
    "join": _join,
    "list": _list,
    "sum": _sum,
    "add": _arithmetic("add"),
    "subtract": _arithmetic("subtract"),
    "multiply": _arithmetic("multiply"),
    "when": _when,
    "call": _call,
    "map": _map,
}
"""Name of an operation -> what writes it; `objects` adds its own, and those of `tallies`."""
