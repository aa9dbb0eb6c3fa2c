"""What is asked of the Admin API, as written for version 2026-10; a test holds it against the vendor's schema.

Nothing that tells who a customer is gets asked for unless a document says so.
"""

from __future__ import annotations

from typing import Final

from tillhand_mcp.adapters.shopify.operation import Operation, mutation, query

SHOP: Final = query(
    "TillhandShop", "query TillhandShop { shop { name currencyCode ianaTimezone primaryDomain { host } } }"
)

SCOPES: Final = query(
    "TillhandScopes", "query TillhandScopes { currentAppInstallation { accessScopes { handle } } shop { name } }"
)

_VARIANT: Final = "id sku title price compareAtPrice inventoryQuantity inventoryItem { id }"

PRODUCTS: Final = query(
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

VARIANTS: Final = query(
    "TillhandVariants",
    f"""query TillhandVariants($id: ID!, $first: Int!, $after: String) {{
  product(id: $id) {{
    variants(first: $first, after: $after) {{ nodes {{ {_VARIANT} }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}""",
)

CATALOGUE: Final = query(
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

INVENTORY: Final = query(
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

ORDERS: Final = query(
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

ORDER: Final = query(
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

_REFUNDED: Final = (
    f"nodes {{ quantity lineItem {{ id }} subtotalSet {_MONEY} totalTaxSet {_MONEY} }} "
    "pageInfo { hasNextPage endCursor }"
)

REFUNDS: Final = query(
    "TillhandRefunds",
    f"""query TillhandRefunds($ids: [ID!]!, $first: Int!) {{
  nodes(ids: $ids) {{
    ... on Refund {{
      id createdAt order {{ id }} totalRefundedSet {_MONEY}
      refundLineItems(first: $first) {{ {_REFUNDED} }}
    }}
  }}
}}""",
)

REFUND_LINES: Final = query(
    "TillhandRefundLines",
    f"""query TillhandRefundLines($id: ID!, $first: Int!, $after: String) {{
  node(id: $id) {{ ... on Refund {{ refundLineItems(first: $first, after: $after) {{ {_REFUNDED} }} }} }}
}}""",
)

_CUSTOMER: Final = (
    "id createdAt numberOfOrders amountSpent { amount currencyCode } defaultAddress { countryCodeV2 } "
    "lastOrder { id name createdAt }"
)


def _customers(name: str, fields: str) -> Operation:
    return query(
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

METAFIELDS: Final = query(
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

LOCATIONS: Final = query(
    "TillhandLocations",
    "query TillhandLocations($first: Int!) { locations(first: $first) { nodes { id name isActive } } }",
)

BULK_RUN: Final = mutation(
    "TillhandBulkRun",
    """mutation TillhandBulkRun($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) {
    bulkOperation { id status }
    userErrors { field message }
  }
}""",
    prepares=True,
)

BULK_CANCEL: Final = mutation(
    "TillhandBulkCancel",
    """mutation TillhandBulkCancel($id: ID!) {
  bulkOperationCancel(id: $id) { bulkOperation { id status } userErrors { field message } }
}""",
    prepares=True,
)

BULK_STATUS: Final = query(
    "TillhandBulkStatus",
    """query TillhandBulkStatus($id: ID!) {
  bulkOperation(id: $id) { id status errorCode objectCount fileSize url partialDataUrl completedAt }
}""",
)

INVENTORY_ADJUST: Final = mutation(
    "TillhandInventoryAdjust",
    """mutation TillhandInventoryAdjust($key: String!, $input: InventoryAdjustQuantitiesInput!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id createdAt changes { name delta quantityAfterChange } }
    userErrors { field message code }
  }
}""",
)

PRODUCT_UPDATE: Final = mutation(
    "TillhandProductUpdate",
    """mutation TillhandProductUpdate($product: ProductUpdateInput!) {
  productUpdate(product: $product) {
    product { id title handle status updatedAt }
    userErrors { field message }
  }
}""",
)

PRICE_CHANGE: Final = mutation(
    "TillhandPriceChange",
    """mutation TillhandPriceChange($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $productId, variants: $variants) {
    productVariants { id sku price compareAtPrice }
    userErrors { field message code }
  }
}""",
)

REFUND: Final = mutation(
    "TillhandRefund",
    f"""mutation TillhandRefund($key: String!, $input: RefundInput!) {{
  refundCreate(input: $input) @idempotent(key: $key) {{
    refund {{ id createdAt totalRefundedSet {_MONEY} }}
    userErrors {{ field message }}
  }}
}}""",
)

DISCOUNT: Final = mutation(
    "TillhandDiscount",
    """mutation TillhandDiscount($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id }
    userErrors { field message code }
  }
}""",
)

PRICE: Final = query(
    "TillhandPrice",
    """query TillhandPrice($id: ID!) {
  productVariant(id: $id) { id sku title price compareAtPrice product { id title } }
}""",
)

LEVEL: Final = query(
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

PRODUCT: Final = query(
    "TillhandProduct",
    """query TillhandProduct($id: ID!) {
  product(id: $id) {
    id title status vendor productType tags descriptionHtml seo { title description }
  }
}""",
)

ALL: Final = tuple(each for each in list(globals().values()) if isinstance(each, Operation))
