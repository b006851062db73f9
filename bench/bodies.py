"""Shopify order bodies as they are in the wild: 4.5 KB, half of them from customers who ordered before, half with a phone."""

import json
import random
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Spaces of run numbers, so that no two runs share an order, a customer or a phone.
PER_RUN = 1_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """One body, and the amount in it in minor units."""

    minor: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Customers:
    """The first `count` customers of a run."""

    run: int
    count: int


class Orders:
    """An endless, reproducible row of orders. `run` (0-99) keeps two rows apart; `repeat` and `phone` are shares.

    Whoever comes again comes from `among`; not given, from the customers that this row had before.
    """

    def __init__(self, run: int, repeat: float = 0.5, phone: float = 0.5, among: Customers | None = None) -> None:
        self._run, self._repeat, self._phone, self._among = run, repeat, phone, among
        self._random = random.Random(run)
        self._template = json.dumps(_template())
        self.customers = 0
        self.orders = 0

    def next(self) -> Order:
        run, customer = self._customer()
        self.orders += 1
        minor = 1_000 + self.orders * 7_919 % 90_000
        phone = f'"+4479{run * PER_RUN + customer:08d}"' if self._random.random() < self._phone else "null"
        text = (
            self._template.replace("@EMAIL@", address_of(run, customer))
            .replace('"@PHONE@"', phone)
            .replace('"@CUSTOMER@"', str(_number(run, customer)))
            .replace('"@ORDER@"', str(_number(self._run, self.orders)))
            .replace("@TOTAL@", f"{minor // 100}.{minor % 100:02d}")
        )
        return Order(minor, text.encode())

    def _customer(self) -> tuple[int, int]:
        known = self._among or Customers(self._run, self.customers)
        if known.count and self._random.random() < self._repeat:
            return known.run, self._random.randrange(known.count)
        self.customers += 1
        return self._run, self.customers - 1


def address_of(run: int, customer: int) -> str:
    """The e-mail address of a run's customer."""
    return f"u{run}.{customer}@example.com"


def _number(run: int, place: int) -> int:
    return 5_000_000_000_000 + run * PER_RUN + place


def _money(amount: str) -> Json:
    price = {"amount": amount, "currency_code": "USD"}
    return {"shop_money": price, "presentment_money": price}


def _address() -> Json:
    return {
        "first_name": "Sarah",
        "last_name": "Johnson",
        "address1": "123 Amoebobacterieae St",
        "address2": "Apt 4",
        "phone": None,
        "city": "Ottawa",
        "zip": "K2P0V6",
        "province": "Ontario",
        "country": "Canada",
        "company": None,
        "latitude": 45.41634,
        "longitude": -75.6868,
        "name": "Sarah Johnson",
        "country_code": "CA",
        "province_code": "ON",
    }


def _line(number: int) -> Json:
    return {
        "id": 466157049 + number,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{466157049 + number}",
        "fulfillable_quantity": 1,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 200,
        "name": "IPod Nano - 8gb - green",
        "price": "199.00",
        "price_set": _money("199.00"),
        "product_exists": True,
        "product_id": 632910392,
        "properties": [],
        "quantity": 1,
        "requires_shipping": True,
        "sku": "IPOD2008GREEN",
        "taxable": True,
        "title": "IPod Nano - 8gb",
        "total_discount": "0.00",
        "total_discount_set": _money("0.00"),
        "variant_id": 39072856,
        "variant_title": "green",
        "vendor": None,
        "tax_lines": [{"channel_liable": None, "price": "3.98", "price_set": _money("3.98"), "rate": 0.06, "title": "State Tax"}],
        "duties": [],
        "discount_allocations": [],
    }


def _customer() -> Json:
    return {
        "id": "@CUSTOMER@",
        "email": "@EMAIL@",
        "first_name": "Sarah",
        "last_name": "Johnson",
        "state": "disabled",
        "verified_email": True,
        "phone": "@PHONE@",
        "tags": "",
        "currency": "USD",
        "default_address": _address(),
    }


def _template() -> Json:
    return {
        "id": "@ORDER@",
        "admin_graphql_api_id": "gid://shopify/Order/450789469",
        "app_id": None,
        "browser_ip": "203.0.113.7",
        "cart_token": "68778783ad298f1c80c3bafcddeea02f",
        "checkout_token": "bd5a8aa1ecd019dd3520ff791ee3a24c",
        "confirmed": True,
        "contact_email": "@EMAIL@",
        "created_at": "2025-01-10T11:00:00-05:00",
        "currency": "USD",
        "current_subtotal_price": "195.67",
        "current_total_price": "@TOTAL@",
        "email": "@EMAIL@",
        "financial_status": "paid",
        "fulfillment_status": None,
        "landing_site": "http://www.example.com?source=abc",
        "name": "#1001",
        "note": None,
        "number": 1,
        "order_number": "@ORDER@",
        "phone": "@PHONE@",
        "presentment_currency": "USD",
        "processed_at": "2025-01-10T11:00:00-05:00",
        "source_name": "web",
        "subtotal_price": "597.00",
        "tags": "",
        "taxes_included": False,
        "test": False,
        "token": "b1946ac92492d2347c6235b4d2611184",
        "total_discounts": "0.00",
        "total_line_items_price": "597.00",
        "total_price": "@TOTAL@",
        "total_tax": "11.94",
        "total_weight": 600,
        "customer": _customer(),
        "billing_address": _address(),
        "shipping_address": _address(),
        "line_items": [_line(0), _line(1)],
        "payment_gateway_names": ["visa"],
        "discount_codes": [],
        "refunds": [],
        "shipping_lines": [],
    }
