"""Whoever answers at the endpoint is not the provider."""

from __future__ import annotations

from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import checks
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import expect
from integrations_hub.connector.testing.server import Fault
from integrations_hub.connector.testing.table import Need, case

__all__ = ["ProductCases"]

_PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>"
_OTHER = b'{"cluster_name": "search", "tagline": "You Know, for Search", "status": "green"}'


class ProductCases(Harness):
    """Cases about another product, a login page, a proxy."""

    @case(Need.NETWORK)
    def test_knows_a_page_from_its_product(self) -> None:
        """An HTML page with status 200 is `wrong_product`."""
        self._is_wrong(faults.answer(_PAGE, "text/html"), "Everything is answered with a login page")

    @case(Need.NETWORK)
    def test_knows_another_product(self) -> None:
        """Another product's JSON with status 200 is `wrong_product`."""
        self._is_wrong(faults.answer(_OTHER), "Everything is answered with another product's JSON")

    @case(Need.NETWORK)
    def test_knows_an_empty_answer_from_its_product(self) -> None:
        """An empty answer with status 200 is `wrong_product`."""
        self._is_wrong(faults.answer(b"", "text/plain"), "Everything is answered with 200 and nothing")

    @case(Need.NETWORK)
    def test_knows_an_address_where_nothing_is(self) -> None:
        """404 to everything is `wrong_product`."""
        self._is_wrong(faults.error(lambda: self.error(404)), "Everything is answered with 404")

    def _is_wrong(self, fault: Fault, when: str) -> None:
        expect(self.ask(checks, fault), {Reason.WRONG_PRODUCT}, when)
