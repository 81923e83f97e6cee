"""place_order in idiomatic Python, with the loop of Lambda's own Python runtime."""

import http.client
import json
import os
import time
import uuid

import boto3

db = boto3.resource("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
CATALOG, ORDERS, WALLETS, COUNTERS, OUTBOX = (
    os.environ[f"{name}_TABLE"] for name in ("CATALOG", "ORDERS", "WALLETS", "COUNTERS", "OUTBOX")
)


def handler(event):
    customer = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    cart = json.loads(event["body"])
    line = cart["lines"][0]
    product, serial = line["variant_id"].rsplit(".", 1)
    catalog = [{"pk": f"PRODUCT#{product}", "sk": sk} for sk in ("META", f"VARIANT#{serial}")]
    wallet = [{"pk": f"CUSTOMER#{customer}", "sk": "BALANCE"}]
    read = db.batch_get_item(RequestItems={CATALOG: {"Keys": catalog}, WALLETS: {"Keys": wallet}})
    variants = [item for item in read["Responses"][CATALOG] if item["sk"].startswith("VARIANT#")]
    now = int(time.time() * 1000)
    order = {
        "order_id": str(uuid.uuid4()),
        "status": "RESERVED",
        "total_cents": int(variants[0]["price_cents"]) * line["quantity"] if variants else 0,
        "lines": cart["lines"],
        "contact": cart["contact"],
        "created_at": now,
        "expires_at": now + 15 * 60_000,
    }
    answer = json.dumps(order)
    once = {"pk": f"IDEMPOTENCY#{customer}#{event['headers']['idempotency-key']}", "sk": "META", "answer": answer}
    item = {"pk": f"CUSTOMER#{customer}", "sk": f"ORDER#{order['order_id']}", **order}
    outbox = {
        "pk": f"{now // 60_000}#0",
        "sk": str(uuid.uuid4()),
        "type": "order.reserved.v1",
        "payload": answer,
    }
    stock = {
        "TableName": COUNTERS,
        "Key": {"pk": f"STOCK#{line['variant_id']}#00", "sk": "LEFT"},
        "UpdateExpression": "SET left_qty = left_qty - :n",
        "ConditionExpression": "left_qty >= :n",
        "ExpressionAttributeValues": {":n": line["quantity"]},
    }
    is_new = "attribute_not_exists(pk)"
    db.meta.client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": ORDERS, "Item": once, "ConditionExpression": is_new}},
            {"Put": {"TableName": ORDERS, "Item": item, "ConditionExpression": is_new}},
            {"Update": stock},
            {"Put": {"TableName": OUTBOX, "Item": outbox}},
        ]
    )
    return {"statusCode": 201, "headers": {"content-type": "application/json"}, "body": answer}


def serve():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    base = "/2018-06-01/runtime/invocation"
    while True:
        api.request("GET", f"{base}/next")
        response = api.getresponse()
        event, request_id = json.loads(response.read()), response.headers["lambda-runtime-aws-request-id"]
        try:
            verb, answer = "response", handler(event)
        except Exception as error:
            verb, answer = "error", {"errorMessage": repr(error)}
        api.request("POST", f"{base}/{request_id}/{verb}", json.dumps(answer))
        api.getresponse().read()


serve()
