"""The parts of the connector contract, by topic; `tests/connectors/contract.py` puts them together."""
