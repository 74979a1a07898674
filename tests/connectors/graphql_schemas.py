"""Compares the GraphQL schema that a sandbox speaks with the platform's own, and puts one together from its parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    NamedTypeNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    Visitor,
    build_ast_schema,
    get_named_type,
    parse,
    print_ast,
    visit,
)

from connectors.kit.wire.documents import Document

GRAPHQL_OWN = frozenset({"ID", "String", "Int", "Float", "Boolean"})
PARTS = ("fields", "values", "types", "interfaces")
OPERATORS = {
    "String": "StringOperators", "ID": "IDOperators", "DateTime": "DateOperators", "Boolean": "BooleanOperators",
    "Int": "NumberOperators", "Float": "NumberOperators", "Money": "NumberOperators",
}  # fmt: skip


def documents_in(module: ModuleType) -> tuple[Document, ...]:
    """Every document that a module sends. Raises AssertionError where there is none."""
    found = tuple(value for value in vars(module).values() if isinstance(value, Document))
    assert found, module
    return found


def fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, Any]]:
    """(type, field, definition) of every object and input type."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, (GraphQLObjectType, GraphQLInputObjectType)) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                yield name, field_name, field


def unknown_fields(
    ours: GraphQLSchema, theirs: GraphQLSchema, *, stubs: Collection[str], freer: Collection[str]
) -> list[str]:
    """Fields and arguments of `ours` that `theirs` does not have with that type.

    Args: stubs: types that `theirs` has only in part. freer: types of theirs that we write as plain strings or numbers.
    """
    wrong = []
    for kind, name, field in fields(ours):
        known: Any = theirs.type_map.get(kind)
        if kind in stubs:
            continue
        if known is None or name not in known.fields or not _like(field.type, known.fields[name].type, freer):
            wrong.append(f"{kind}.{name}: {field.type}")
            continue
        for arg, value in getattr(field, "args", {}).items():
            args = known.fields[name].args
            if arg not in args or not _like(value.type, args[arg].type, freer):
                wrong.append(f"{kind}.{name}({arg}: {value.type})")
    return wrong


def unknown_values(ours: GraphQLSchema, theirs: GraphQLSchema, *, stubs: Collection[str] = ()) -> list[str]:
    """Enumeration values of `ours` that `theirs` does not have."""
    kinds = {name: kind for name, kind in ours.type_map.items() if isinstance(kind, GraphQLEnumType)}
    return [
        f"{name}.{value}"
        for name, kind in kinds.items()
        if not name.startswith("__") and name not in stubs
        for value in kind.values
        if value not in theirs.type_map[name].values  # type: ignore[attr-defined]
    ]


def _like(ours: Any, theirs: Any, freer: Collection[str]) -> bool:
    """Equal types, apart from the plain strings."""
    name = get_named_type(theirs).name
    return str(ours) == str(theirs) or (
        name in freer and str(ours) in {str(theirs).replace(name, plain) for plain in ("String", "Decimal")}
    )


def put_together(texts: Iterable[str], rest: GraphQLSchema) -> GraphQLSchema:
    """One schema from files that each say a part of a type, as Vendure writes them.

    What the server makes at run time (`input OrderListOptions` without fields) is made here by the same rule; types of
    other files are taken from `rest`, else they are stubs without fields.
    """
    merged: dict[str, Any] = {}
    for text in texts:
        for node in parse(text, no_location=True).definitions:
            assert isinstance(node, TypeDefinitionNode)
            _merge(merged, node)
    for name in [name for name, node in merged.items() if _is_empty_options(name, node)]:
        for node in parse(_list_options(name.removesuffix("ListOptions"), merged)).definitions:
            _merge(merged, node)
    stubs = "\n".join(_stub(name, merged, rest) for name in sorted(_missing(merged)))
    for node in parse(stubs).definitions:
        _merge(merged, node)
    return build_ast_schema(DocumentNode(definitions=tuple(merged.values())), assume_valid=True)


def _merge(merged: dict[str, Any], node: Any) -> None:
    known = merged.setdefault(node.name.value, node)
    if known is not node:
        both = {part: _both(known, node, part) for part in PARTS if hasattr(node, part)}
        merged[node.name.value] = replace(known, **both)


def _both(known: Any, node: Any, part: str) -> tuple[Any, ...]:
    """The children of two definitions, each name once."""
    children = [*(getattr(known, part) or ()), *(getattr(node, part) or ())]
    return tuple({_name(child): child for child in children}.values())


def _name(node: Any) -> str:
    return str(node.name.value)


def _is_empty_options(name: str, node: Any) -> bool:
    return isinstance(node, InputObjectTypeDefinitionNode) and name.endswith("ListOptions") and not node.fields


def _list_options(kind: str, merged: Mapping[str, Any]) -> str:
    """Vendure's rule: a filter and a sort key for every field that is a plain value."""
    plain = {_name(field): _plain(field.type, merged) for field in merged[kind].fields} if kind in merged else {}
    filters = " ".join(f"{name}: {found}" for name, found in plain.items() if found) or "id: IDOperators"
    sorts = " ".join(f"{name}: SortOrder" for name, found in plain.items() if found) or "id: SortOrder"
    return f"""
        input {kind}ListOptions {{
          skip: Int take: Int sort: {kind}SortParameter filter: {kind}FilterParameter filterOperator: LogicalOperator
        }}
        input {kind}FilterParameter {{ {filters} }}
        input {kind}SortParameter {{ {sorts} }}
    """


def _plain(kind: Any, merged: Mapping[str, Any]) -> str | None:
    inner = getattr(kind, "type", kind)
    if not isinstance(inner, NamedTypeNode):
        return None
    name = inner.name.value
    is_enum = getattr(merged.get(name), "kind", "") == "enum_type_definition"
    return "StringOperators" if is_enum else OPERATORS.get(name)


class _Named(Visitor):
    """Collects the names of all types that are referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        self.names.add(node.name.value)


def _missing(merged: Mapping[str, Any]) -> set[str]:
    seen = _Named()
    for node in merged.values():
        visit(node, seen)
    return seen.names - merged.keys() - GRAPHQL_OWN


def _stub(name: str, merged: Mapping[str, Any], rest: GraphQLSchema) -> str:
    unions = [node for node in merged.values() if isinstance(node, UnionTypeDefinitionNode)]
    in_union = any(name == member.name.value for node in unions for member in node.types)
    known = rest.type_map.get(name)
    if known is not None and known.ast_node is not None:
        return print_ast(known.ast_node)
    return f"type {name} {{ stub: ID }}" if in_union else f"scalar {name}"
