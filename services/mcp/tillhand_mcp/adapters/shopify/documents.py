"""What is asked of the Admin API, as written for version 2026-10; a test holds it against the vendor's schema.

Nothing that tells who a customer is gets asked for unless a document says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `prepares` marks a mutation that changes nothing in the shop, such as beginning an export."""

    name: str
    kind: Literal["query", "mutation"]
    text: str
    prepares: bool = False


def _query(name: str, text: str) -> Operation:
    return Operation(name, "query", text)


def _mutation(name: str, text: str, *, prepares: bool = False) -> Operation:
    return Operation(name, "mutation", text, prepares)


SHOP: Final = _query("TillhandShop", "query TillhandShop { shop { name currencyCode ianaTimezone } }")

SCOPES: Final = _query(
    "TillhandScopes", "query TillhandScopes { currentAppInstallation { accessScopes { handle } } shop { name } }"
)

_VARIANT: Final = "id sku title price compareAtPrice inventoryQuantity inventoryItem { id }"

PRODUCTS: Final = _query(
    "TillhandProducts",
    f"""query TillhandProducts($first: Int!, $after: String, $query: String, $variants: Int!) {{
  products(first: $first, after: $after, query: $query, sortKey: ID) {{
    nodes {{
      id title handle status vendor productType tags updatedAt
      variants(first: $variants) {{ nodes {{ {_VARIANT} }} pageInfo {{ hasNextPage endCursor }} }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}""",
)

VARIANTS: Final = _query(
    "TillhandVariants",
    f"""query TillhandVariants($id: ID!, $first: Int!, $after: String) {{
  product(id: $id) {{
    variants(first: $first, after: $after) {{ nodes {{ {_VARIANT} }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}""",
)

CATALOGUE: Final = _query(
    "TillhandCatalogue",
    """query TillhandCatalogue($first: Int!, $after: String, $query: String) {
  products(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes {
      id title handle status vendor productType tags updatedAt descriptionHtml
      variants(first: 8) { nodes { sku title price } pageInfo { hasNextPage } }
    }
    pageInfo { hasNextPage endCursor }
  }
}""",
)

INVENTORY: Final = _query(
    "TillhandInventory",
    """query TillhandInventory($first: Int!, $after: String, $query: String) {
  productVariants(first: $first, after: $after, query: $query, sortKey: ID) {
    nodes {
      id sku title
      product { id title }
      inventoryItem {
        id tracked unitCost { amount currencyCode }
        inventoryLevels(first: 5) {
          nodes {
            location { id name } updatedAt
            quantities(names: ["available", "on_hand", "committed", "incoming"]) { name quantity }
          }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}""",
)

_MONEY: Final = "{ shopMoney { amount currencyCode } }"

ORDERS: Final = _query(
    "TillhandOrders",
    f"""query TillhandOrders($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: CREATED_AT, reverse: true) {{
    nodes {{
      id name createdAt cancelledAt displayFinancialStatus displayFulfillmentStatus
      totalPriceSet {_MONEY} totalRefundedSet {_MONEY}
      customer {{ id }}
      lineItems(first: 5) {{
        nodes {{ id sku title quantity currentQuantity discountedTotalSet {_MONEY} }}
        pageInfo {{ hasNextPage }}
      }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}""",
)

ORDER: Final = _query(
    "TillhandOrder",
    f"""query TillhandOrder($id: ID!) {{
  order(id: $id) {{
    id name createdAt cancelledAt displayFinancialStatus displayFulfillmentStatus refundable presentmentCurrencyCode
    totalPriceSet {_MONEY} totalRefundedSet {_MONEY}
    customer {{ id }}
    lineItems(first: 100) {{
      nodes {{ id sku title quantity currentQuantity discountedTotalSet {_MONEY} }}
      pageInfo {{ hasNextPage }}
    }}
    refunds {{ id createdAt totalRefundedSet {_MONEY} }}
    transactions(first: 20) {{ id kind status gateway amountSet {_MONEY} }}
  }}
}}""",
)

_CUSTOMER: Final = (
    "id createdAt numberOfOrders amountSpent { amount currencyCode } defaultAddress { countryCodeV2 } "
    "lastOrder { id name createdAt }"
)


def _customers(name: str, fields: str) -> Operation:
    return _query(
        name,
        f"""query {name}($first: Int!, $after: String, $query: String) {{
  customers(first: $first, after: $after, query: $query, sortKey: ID) {{
    nodes {{ {fields} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}""",
    )


CUSTOMERS: Final = _customers("TillhandCustomers", _CUSTOMER)

CUSTOMERS_IN_FULL: Final = _customers(
    "TillhandCustomersInFull",
    f"{_CUSTOMER} displayName defaultEmailAddress {{ emailAddress }} defaultPhoneNumber {{ phoneNumber }}",
)

METAFIELDS: Final = _query(
    "TillhandMetafields",
    """query TillhandMetafields($id: ID!, $first: Int!, $after: String, $namespace: String) {
  node(id: $id) {
    id
    ... on HasMetafields {
      metafields(first: $first, after: $after, namespace: $namespace) {
        nodes { id namespace key type value updatedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}""",
)

LOCATIONS: Final = _query(
    "TillhandLocations",
    "query TillhandLocations($first: Int!) { locations(first: $first) { nodes { id name isActive } } }",
)

BULK_RUN: Final = _mutation(
    "TillhandBulkRun",
    """mutation TillhandBulkRun($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) {
    bulkOperation { id status }
    userErrors { field message }
  }
}""",
    prepares=True,
)

BULK_CANCEL: Final = _mutation(
    "TillhandBulkCancel",
    """mutation TillhandBulkCancel($id: ID!) {
  bulkOperationCancel(id: $id) { bulkOperation { id status } userErrors { field message } }
}""",
    prepares=True,
)

BULK_STATUS: Final = _query(
    "TillhandBulkStatus",
    """query TillhandBulkStatus($id: ID!) {
  bulkOperation(id: $id) { id status errorCode objectCount fileSize url partialDataUrl completedAt }
}""",
)

INVENTORY_ADJUST: Final = _mutation(
    "TillhandInventoryAdjust",
    """mutation TillhandInventoryAdjust($key: String!, $input: InventoryAdjustQuantitiesInput!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id createdAt changes { name delta quantityAfterChange } }
    userErrors { field message code }
  }
}""",
)

PRODUCT_UPDATE: Final = _mutation(
    "TillhandProductUpdate",
    """mutation TillhandProductUpdate($product: ProductUpdateInput!) {
  productUpdate(product: $product) {
    product { id title handle status updatedAt }
    userErrors { field message }
  }
}""",
)

PRICE_CHANGE: Final = _mutation(
    "TillhandPriceChange",
    """mutation TillhandPriceChange($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $productId, variants: $variants) {
    productVariants { id sku price compareAtPrice }
    userErrors { field message code }
  }
}""",
)

REFUND: Final = _mutation(
    "TillhandRefund",
    f"""mutation TillhandRefund($key: String!, $input: RefundInput!) {{
  refundCreate(input: $input) @idempotent(key: $key) {{
    refund {{ id createdAt totalRefundedSet {_MONEY} }}
    userErrors {{ field message }}
  }}
}}""",
)

DISCOUNT: Final = _mutation(
    "TillhandDiscount",
    """mutation TillhandDiscount($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id }
    userErrors { field message code }
  }
}""",
)

PRICE: Final = _query(
    "TillhandPrice",
    """query TillhandPrice($id: ID!) {
  productVariant(id: $id) { id sku title price compareAtPrice product { id title } }
}""",
)

LEVEL: Final = _query(
    "TillhandLevel",
    """query TillhandLevel($id: ID!, $location: ID!) {
  inventoryItem(id: $id) {
    id sku
    inventoryLevel(locationId: $location) {
      location { name } quantities(names: ["available", "on_hand", "committed"]) { name quantity }
    }
  }
}""",
)

PRODUCT: Final = _query(
    "TillhandProduct",
    """query TillhandProduct($id: ID!) {
  product(id: $id) {
    id title status vendor productType tags descriptionHtml seo { title description }
  }
}""",
)

ALL: Final = tuple(each for each in list(globals().values()) if isinstance(each, Operation))
