"""What is played: an agent reads and proposes, a person decides, and each step is looked at afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tillhand_cli.demo.stage import Stage
from tillhand_cli.errors import CommandError, ExitCode, ServiceProblem
from tillhand_cli.output import Output

FORBIDDEN: Final = 403
WITHIN_S: Final = 60.0
POLL_S: Final = 0.2
DOCUMENTS: Final = {
    "returns.md": "# Returns\n\nGoods can be sent back within 30 days of delivery. The money is given back within five "
    "working days after they have arrived.\n",
    "shipping.md": "# Shipping\n\nOrders of 60 euros and more are shipped free of charge. Smaller ones cost 4.90.\n",
}
QUESTION: Final = "Within how many days can goods be sent back?"
CUSTOMER: Final = "mara.lindqvist@customers.example"


@dataclass(slots=True)
class Proof:
    """What was claimed, and whether it held."""

    out: Output
    claims: list[tuple[str, bool]] = field(default_factory=list)

    def that(self, claim: str, *, holds: bool) -> None:
        """Put a claim on record."""
        self.claims.append((claim, holds))

    def step(self, text: str) -> None:
        """Say what happens."""
        self.out.note(text)

    @property
    def whole(self) -> bool:
        """Whether all held."""
        return all(held for _, held in self.claims)


async def play(stage: Stage, proof: Proof) -> None:
    """The whole story."""
    from tillhand_mcp.commands import agent  # noqa: PLC0415  # loads the protocol's library

    proof.step("\n1  A knowledge base: two documents of the shop.")
    for source, text in DOCUMENTS.items():
        await stage.rag.post("/v1/documents", {"source": source, "text": text}, holding="documents")
    async with agent(stage.mcp_url, stage.agent_key) as speaking:
        tools = await speaking.tools()
        proof.step(f"2  An agent connects over MCP, and finds {len(tools)} tools.")
        await _reads(speaking, proof)
        await _learned(stage, proof)
        stock = await _stock(speaking)
        proof.step("3  It calls tools that write. Each call becomes a proposal:")
        adjusting = await _propose(speaking, proof, "shopify_inventory_adjust", _adjustment(stock))
        replying = await _propose(speaking, proof, "reply_to_customer", REPLY)
        refunding = await _propose(speaking, proof, "bing_submit_url", {"url": "https://brackenlane.example/"})
        written = await stage.mock.get("/mock/journal", holding="writes")
        proof.that("calling a tool that writes has changed nothing", holds=written["writes"] == [])
        await _decides(stage, proof, adjusting, replying, refunding)
        adjusted = await speaking.outcome(adjusting, WITHIN_S)
        replied = await speaking.outcome(replying, WITHIN_S)
        refused = await speaking.outcome(refunding, WITHIN_S)
    proof.step("5  The agent asks what has become of them:")
    for told in (adjusted, replied, refused):
        proof.step(f"     {told.text.splitlines()[0]}")
    await _look(stage, proof, adjusting)
    proof.that("the agent was told of the edited change as done", holds=adjusted.structured["status"] == "completed")
    proof.that("the reply was delivered", holds=replied.structured["status"] == "completed")
    proof.that("a rejection reached the agent with its reason", holds="Not this week." in refused.text)
    await _record(stage, proof)


REPLY: Final[Mapping[str, Any]] = {
    "to": CUSTOMER,
    "subject": "Re: Sending something back",
    "body": "Goods can be sent back within 30 days of delivery.",
    "reason": "returns.md says so.",
}


async def _reads(speaking: Any, proof: Proof) -> None:  # noqa: ANN401  # an agent, whose type comes with the connectors
    answered = await speaking.call("knowledge_answer", {"question": QUESTION})
    quotes = answered.structured.get("citations", [])
    proof.step(f"     knowledge_answer: {answered.text.splitlines()[0]}")
    proof.that("an answer cites the very words of a document", holds=any("30 days" in each["quote"] for each in quotes))
    products = await speaking.call("shopify_products", {"limit": 3})
    proof.step(f"     shopify_products: {products.text.splitlines()[0]}")
    mode = products.structured["origin"]["mode"]
    proof.that("data of a mock says that it is a mock's", holds=mode == "mock")


async def _learned(stage: Stage, proof: Proof) -> None:
    """Wait until the redactor knows what is sold, so that it takes no brand for a person."""
    known, waited_s = 0, 0.0
    while not known and waited_s < WITHIN_S:
        known = (await stage.approvals.get("/v1/catalogue", holding="names"))["names"]
        waited_s += POLL_S
        await asyncio.sleep(0 if known else POLL_S)
    proof.step(f"     Meanwhile the redactor has learned {known} names of what is sold.")
    proof.that("the shop's own names are known to be no people", holds=known > 0)


async def _stock(speaking: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
    listed = await speaking.call("shopify_inventory", {"limit": 1})
    (item,) = listed.structured["items"]
    level = item["levels"][0]
    return {"sku": item["sku"], "item": item["inventory_item_id"], **level}


def _adjustment(stock: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "inventory_item_id": stock["item"],
        "location_id": stock["location_id"],
        "delta": 5,
        "expected_available": stock["available"],
        "reason": f"Five of {stock['sku']} were found in the back room.",
    }


async def _propose(speaking: Any, proof: Proof, tool: str, arguments: Mapping[str, Any]) -> str:  # noqa: ANN401  # as above
    told = await speaking.call(tool, arguments)
    if "task_id" not in told.structured:
        raise CommandError(f"{tool} was not proposed: {told.text}", code=ExitCode.PARTLY)
    proof.step(f"     {tool}: {told.structured['status']}")
    return str(told.structured["task_id"])


async def _decides(stage: Stage, proof: Proof, adjusting: str, replying: str, refused: str) -> None:
    proposal = await stage.approvals.get(f"/v1/proposals/{adjusting}", holding="arguments")
    proof.step("4  A person looks. This is what they see of the stock:")
    for each in proposal["evidence"]:
        if each.get("kind") == "change":
            proof.step(f"     {each['what']}, {each['field']}: {each['before']} would be {each['after']}")
    approve = {"decision": "approve", "digest": proposal["digest"]}
    try:
        await stage.as_agent.post(f"/v1/proposals/{adjusting}/decisions", approve, holding="state")
        proof.that("an agent cannot approve", holds=False)
    except ServiceProblem as problem:
        proof.that("an agent cannot approve", holds=problem.status == FORBIDDEN)
    edited = {**proposal["arguments"], "delta": 3}
    await _decide(stage, adjusting, {"decision": "edit", "digest": proposal["digest"], "arguments": edited})
    proof.step(
        "     and corrects 5 to 3, approves that, approves the reply, and rejects the submission: Not this week."
    )
    reply = await stage.approvals.get(f"/v1/proposals/{replying}", holding="arguments")
    proof.that("a person decides without reading personal data", holds=CUSTOMER not in str(reply))
    await _decide(stage, replying, {"decision": "approve", "digest": reply["digest"]})
    await _decide(stage, refused, {"decision": "reject", "note": "Not this week."})


async def _decide(stage: Stage, proposal: str, decision: Mapping[str, Any]) -> None:
    await stage.approvals.post(f"/v1/proposals/{proposal}/decisions", decision, holding="state")


async def _look(stage: Stage, proof: Proof, adjusting: str) -> None:
    writes = (await stage.mock.get("/mock/journal", holding="writes"))["writes"]
    proof.that("the upstream was written to exactly once", holds=len(writes) == 1)
    key = writes[0]["key"] if writes else None
    proof.that("under the approval's own id as idempotency key", holds=key == adjusting)
    proof.that("with what the person had approved, not what the agent had asked", holds="3" in str(_delta(writes)))
    sent = (stage.folder / "mcp" / "mailbox.jsonl").read_text().splitlines()
    proof.that("the reply went out once, as it was approved", holds=len(sent) == 1 and CUSTOMER in sent[0])


def _delta(writes: list[dict[str, Any]]) -> object:
    return [change["delta"] for write in writes for change in write["arguments"]["input"]["changes"]]


async def _record(stage: Stage, proof: Proof) -> None:
    verified = await stage.approvals.post("/v1/audit/verify", {}, holding="ok")
    proof.step(f"6  The record: {verified['records']} records, verified.")
    proof.that("the record holds: nothing changed, missing, reordered or cut off", holds=bool(verified["ok"]))
    kept = await stage.approvals.get("/v1/audit?limit=500", holding="items")
    types = {record["type"] for record in kept["items"]}
    proof.that("every step is in it", holds={"proposal.created", "decision.made"} <= types)
    proof.that("and the customer's address is not", holds=CUSTOMER not in str(kept))
