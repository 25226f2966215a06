"""A small Stripe on loopback: enough of Checkout for the official library to talk to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

SESSION = "cs_test_1"


class StripeStandIn(ThreadingHTTPServer):
    """Keeps what it was asked; ``fail`` makes it answer with that status."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.by_key: dict[str, dict[str, Any]] = {}
        self.fail = 0
        self.no_url = False
        self.status, self.payment_status = "open", "unpaid"
        self.refunds: dict[str, dict[str, Any]] = {}
        self.refund_status = "succeeded"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "StripeStandIn":
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: StripeStandIn

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        sent = dict(parse_qsl(self.rfile.read(length).decode()))
        self.server.asked.append(("POST", self.path, sent, dict(self.headers)))
        if self._failed():
            return
        key = self.headers.get("Idempotency-Key", "")
        if self.path.endswith("/refunds"):
            refund = self.server.refunds.setdefault(key, self._refund(sent, len(self.server.refunds) + 1))
            self._answer(200, refund)
            return
        made = self.server.by_key.setdefault(key, self._session(sent, len(self.server.by_key) + 1))
        self._answer(200, made)

    def do_GET(self) -> None:
        self.server.asked.append(("GET", self.path, {}, dict(self.headers)))
        if self._failed():
            return
        if self.path.partition("?")[0].endswith("/refunds"):
            rows = list(self.server.refunds.values())
            self._answer(200, {"object": "list", "data": rows, "has_more": False, "url": "/v1/refunds"})
            return
        found = next((row for row in self.server.by_key.values() if self.path.endswith(row["id"])), None)
        if found is None:
            self._answer(404, {"error": {"type": "invalid_request_error", "message": "No such session"}})
            return
        self._answer(
            200, {**found, "status": self.server.status, "payment_status": self.server.payment_status}
        )

    def _failed(self) -> bool:
        if self.server.fail:
            kind = "invalid_request_error" if self.server.fail == 400 else "api_error"
            self._answer(self.server.fail, {"error": {"type": kind, "message": "made up"}})
        return bool(self.server.fail)

    def _session(self, sent: dict[str, str], number: int) -> dict[str, Any]:
        return {
            "id": f"cs_test_{number}",
            "object": "checkout.session",
            "url": None if self.server.no_url else f"https://checkout.stripe.com/c/pay/cs_test_{number}",
            "client_reference_id": sent.get("client_reference_id"),
            "amount_total": int(sent["line_items[0][price_data][unit_amount]"]),
            "currency": sent["line_items[0][price_data][currency]"],
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": f"pi_test_{number}",
        }

    def _refund(self, sent: dict[str, str], number: int) -> dict[str, Any]:
        return {
            "id": f"re_test_{number}",
            "object": "refund",
            "amount": int(sent["amount"]),
            "currency": "usd",
            "payment_intent": sent["payment_intent"],
            "metadata": {"refund": sent["metadata[refund]"]},
            "status": self.server.refund_status,
            "failure_reason": "lost_or_stolen_card" if self.server.refund_status == "failed" else None,
        }

    def _answer(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Stripe-Should-Retry", "false")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""
