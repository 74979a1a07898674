"""The GraphQL half of a sandbox: reads requests and holds each document to the schema (extra `sandbox`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_operation_ast,
    parse,
    validate,
)

MAX_DOCUMENT = 50_000
KEPT = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the parsed document and its chosen operation where the schema allows it, else the errors."""

    variables: Mapping[str, Any]
    document: DocumentNode | None = None
    operation: OperationDefinitionNode | None = None
    errors: tuple[GraphQLError, ...] = ()


class Documents:
    """The documents of one schema, which lies as `schema.graphql` in `package`; parsed and validated once each."""

    def __init__(self, package: str) -> None:
        self.schema: GraphQLSchema = build_schema(files(package).joinpath("schema.graphql").read_text("utf-8"))
        self._checked = lru_cache(maxsize=KEPT)(self._check)

    def _check(self, text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return None, (error,)
        return document, tuple(validate(self.schema, document))

    def read(self, raw: bytes) -> Asked | None:
        """The request in a body; None where it is no GraphQL request at all."""
        try:
            body = json.loads(raw)
            text, variables, name = body["query"], body.get("variables") or {}, body.get("operationName")
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        if not isinstance(text, str) or len(text) > MAX_DOCUMENT or not isinstance(variables, Mapping):
            return None
        document, errors = self._checked(text)
        operation = get_operation_ast(document, name) if document else None
        if not errors and operation is None:
            errors = (GraphQLError("An operation name is required"),)
        return Asked(variables, document, operation, errors)
