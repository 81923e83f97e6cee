"""What a provider records: trades, captures, refunds, and callbacks with their responses."""

import itertools
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

TAIPEI = timezone(timedelta(hours=8))


@dataclass
class Trade:
    provider: str
    # The merchant's trade number, which can be used only once.
    trade_no: str
    # The provider's number.
    provider_no: str
    amount: int
    currency: str
    item: str
    # Identifies the trade in the forms of the pages; it authorises the buttons.
    key: str
    notify_url: str = ""
    back_url: str = ""
    # Where the browser posts the result.
    result_url: str = ""
    # The request as received.
    asked: dict[str, Any] = field(default_factory=dict)
    # OPEN, NUMBER_TAKEN, APPROVED, PAID, FAILED, CANCELED.
    state: str = "OPEN"
    way: str = ""
    opened_at: datetime = field(default_factory=lambda: datetime.now(TAIPEI))
    paid_at: datetime | None = None
    # The state of the money: AUTHORIZED, WAITING (for the nightly capture), CAPTURED, VOID.
    money: str = ""
    refunds: list[dict[str, Any]] = field(default_factory=list)
    simulated: bool = False
    faults: dict[str, Any] = field(default_factory=dict)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    # The callbacks of this trade with their responses.
    calls: list[dict[str, Any]] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        return sum(refund["amount"] for refund in self.refunds)

    @property
    def authorization(self) -> str:
        """The number of the card's authorization."""
        return self.provider_no[-8:].lstrip("0") or "1"

    def shown(self) -> dict[str, Any]:
        moment = self.paid_at.isoformat() if self.paid_at else None
        names = ("provider", "trade_no", "provider_no", "amount", "currency", "item", "key", "state", "way", "money")
        return {
            **{name: getattr(self, name) for name in names},
            "asked": self.asked,
            "paid_at": moment,
            "refunded": self.refunded,
            "refunds": self.refunds,
            "faults": self.faults,
            "callbacks": self.callbacks,
            "calls": self.calls,
        }


class Books:
    """All trades. A caller that reads and then writes holds the lock in between."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        with self.lock:
            self.trades: dict[tuple[str, str], Trade] = {}
            self.waiting: dict[tuple[str, str], dict[str, Any]] = {}
            self.serial = itertools.count(secrets.randbelow(1_000_000))

    def find(self, provider: str, trade_no: str) -> Trade | None:
        with self.lock:
            return self.trades.get((provider, trade_no))

    def by_key(self, key: str) -> Trade | None:
        with self.lock:
            return next((trade for trade in self.trades.values() if trade.key == key), None)

    def by_provider_no(self, provider: str, number: str) -> Trade | None:
        with self.lock:
            found = (trade for trade in self.trades.values() if trade.provider == provider)
            return next((trade for trade in found if trade.provider_no == number), None)

    def open(self, provider: str, trade_no: str, **rest: Any) -> Trade | None:
        """A new trade, or `None` when the number was used before."""
        with self.lock:
            if (provider, trade_no) in self.trades:
                return None
            trade = Trade(provider, trade_no, self._number(provider), key=secrets.token_urlsafe(16), **rest)
            trade.faults = self.waiting.pop((provider, trade_no), {})
            self.trades[provider, trade_no] = trade
            return trade

    def set_faults(self, provider: str, trade_no: str, faults: dict[str, Any]) -> None:
        """Sets the fault settings of a trade, which need not exist yet."""
        with self.lock:
            trade = self.find(provider, trade_no)
            if trade:
                trade.faults = faults
            else:
                self.waiting[provider, trade_no] = faults

    def pay(self, trade: Trade, way: str, simulated: bool = False) -> None:
        with self.lock:
            trade.state, trade.way, trade.simulated = "PAID", way, simulated
            trade.paid_at, trade.money = datetime.now(TAIPEI), "AUTHORIZED"

    def settle(self, trade: Trade) -> None:
        """The nightly capture."""
        with self.lock:
            if trade.money in ("AUTHORIZED", "WAITING"):
                trade.money = "CAPTURED"

    def give_back(self, trade: Trade, amount: int) -> str:
        """A new refund number. The caller has checked the refundable amount."""
        with self.lock:
            number = self._number(trade.provider)
            trade.refunds.append({"number": number, "amount": amount, "at": time.time()})
            return number

    def _number(self, provider: str) -> str:
        now, serial = datetime.now(TAIPEI), next(self.serial) % 1_000_000
        match provider:
            case "ECPAY":  # 16 digits
                return now.strftime("%y%m%d%H%M") + f"{serial:06}"
            case "NEWEBPAY":  # 17 digits
                return now.strftime("%y%m%d%H%M%S")[:11] + f"{serial:06}"
            case _:  # 19 digits, more than a double can hold
                return now.strftime("%Y%m%d%H%M%S")[:13] + f"{serial:06}"
