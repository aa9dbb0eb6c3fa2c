"""What whole exports ask for, as written for version 2026-10.

Shopify takes no list within a list in them: what a refund was for is asked for by its id (`facts.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

Kind = Literal["products", "inventory", "orders"]

_MONEY: Final = "{ shopMoney { amount currencyCode } }"
_SUPPLY: Final = (
    'supplier: metafield(namespace: "supply", key: "supplier") { value } '
    'leadTimeDays: metafield(namespace: "supply", key: "lead_time_days") { value }'
)

_PRODUCTS: Final = f"""{{ products {{ edges {{ node {{
  id title handle status vendor productType tags createdAt updatedAt
  variants {{ edges {{ node {{
    id sku title price compareAtPrice inventoryQuantity
    inventoryItem {{ id unitCost {{ amount currencyCode }} }} {_SUPPLY}
  }} }} }}
}} }} }} }}"""

_INVENTORY: Final = """{ inventoryItems { edges { node {
  id sku tracked variant { id }
  inventoryLevels { edges { node {
    id location { id name } quantities(names: ["available", "on_hand", "committed", "incoming"]) { name quantity }
  } } }
} } } }"""

_ORDERS: Final = f"""{{ orders%s {{ edges {{ node {{
  id name createdAt cancelledAt displayFinancialStatus test sourceName taxesIncluded customer {{ id }}
  totalPriceSet {_MONEY} totalShippingPriceSet {_MONEY} totalTaxSet {_MONEY}
  refunds {{ id createdAt totalRefundedSet {_MONEY} }}
  lineItems {{ edges {{ node {{
    id sku quantity variant {{ id }} originalTotalSet {_MONEY}
    discountAllocations {{ allocatedAmountSet {_MONEY} }}
  }} }} }}
}} }} }} }}"""

KINDS: Final[tuple[Kind, ...]] = ("products", "inventory", "orders")


def query(kind: Kind, since: date | None = None) -> str:
    """What is asked for; of orders those placed on a day or later, where one is given."""
    if kind == "orders":
        return _ORDERS % (f'(query: "created_at:>={since.isoformat()}")' if since else "")
    return _PRODUCTS if kind == "products" else _INVENTORY
