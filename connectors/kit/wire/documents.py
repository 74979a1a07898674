"""Puts GraphQL documents together: operations of one field, with their names, variables and fragments."""

from __future__ import annotations


class Document(str):
    """The text of one document; tests find those of a module by it, and hold each to the platform's schema."""

    __slots__ = ()


def fragment(name: str, on: str, selection: str) -> str:
    """A fragment `name` on the type `on`."""
    return f"\nfragment {name} on {on} {{\n  {selection.strip()}\n}}\n"


def query(name: str, field: str, selection: str, *fragments: str, **variables: str) -> Document:
    """A query of one field, which takes the variables by their own names.

    Args: name:      of the operation.
          fragments: texts that stand before it.
          variables: name -> its type, such as id="ID!".
    """
    return _operation("query", name, field, selection, fragments, variables)


def mutation(name: str, field: str, selection: str, *fragments: str, **variables: str) -> Document:
    """A mutation of one field; the arguments are those of `query`."""
    return _operation("mutation", name, field, selection, fragments, variables)


def outcome(made: str, *errors: str, failed: str = "ErrorResult { errorCode message }") -> str:
    """The selection of a mutation that answers with what it made, or with one of several kinds of error.

    Args: made, errors: a type and what of it is asked for, such as "Order { id state }".
          failed:       the same of what all its errors have in common.
    """
    return " ".join(["__typename", *(f"... on {part}" for part in (made, failed, *errors))])


def _operation(
    kind: str, name: str, field: str, selection: str, fragments: tuple[str, ...], variables: dict[str, str]
) -> Document:
    types = ", ".join(f"${variable}: {type_}" for variable, type_ in variables.items())
    given = ", ".join(f"{variable}: ${variable}" for variable in variables)
    head, call = (f"({types})", f"({given})") if variables else ("", "")
    body = f"{kind} {name}{head} {{\n  {field}{call} {{\n    {selection.strip()}\n  }}\n}}\n"
    return Document("".join(fragments) + "\n" + body)
