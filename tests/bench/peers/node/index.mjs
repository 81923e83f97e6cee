// place_order in Node.js, the way its users write it, with the loop that Lambda's own Node.js runtime runs around it.

import http from "node:http";
import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchGetCommand, DynamoDBDocumentClient, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";

const db = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL }));
const { CATALOG_TABLE, ORDERS_TABLE, WALLETS_TABLE, COUNTERS_TABLE, OUTBOX_TABLE } = process.env;

async function handler(event) {
  const customer = event.requestContext.authorizer.jwt.claims.sub;
  const cart = JSON.parse(event.body);
  const [line] = cart.lines;
  const [product, serial] = line.variant_id.split(".");
  const read = await db.send(
    new BatchGetCommand({
      RequestItems: {
        [CATALOG_TABLE]: { Keys: [{ pk: `PRODUCT#${product}`, sk: "META" }, { pk: `PRODUCT#${product}`, sk: `VARIANT#${serial}` }] },
        [WALLETS_TABLE]: { Keys: [{ pk: `CUSTOMER#${customer}`, sk: "BALANCE" }] },
      },
    }),
  );
  const variant = read.Responses[CATALOG_TABLE].find((item) => item.sk.startsWith("VARIANT#"));
  const now = Date.now();
  const order = {
    order_id: randomUUID(),
    status: "RESERVED",
    total_cents: (variant?.price_cents ?? 0) * line.quantity,
    lines: cart.lines,
    contact: cart.contact,
    created_at: now,
    expires_at: now + 15 * 60_000,
  };
  const key = event.headers["idempotency-key"];
  await db.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Put: {
            TableName: ORDERS_TABLE,
            Item: { pk: `IDEMPOTENCY#${customer}#${key}`, sk: "META", answer: JSON.stringify(order) },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        {
          Put: {
            TableName: ORDERS_TABLE,
            Item: { pk: `CUSTOMER#${customer}`, sk: `ORDER#${order.order_id}`, ...order },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        {
          Update: {
            TableName: COUNTERS_TABLE,
            Key: { pk: `STOCK#${line.variant_id}#00`, sk: "LEFT" },
            UpdateExpression: "SET left_qty = left_qty - :n",
            ConditionExpression: "left_qty >= :n",
            ExpressionAttributeValues: { ":n": line.quantity },
          },
        },
        {
          Put: {
            TableName: OUTBOX_TABLE,
            Item: { pk: `${Math.floor(now / 60_000)}#0`, sk: randomUUID(), type: "order.reserved.v1", payload: JSON.stringify(order) },
          },
        },
      ],
    }),
  );
  return { statusCode: 201, headers: { "content-type": "application/json" }, body: JSON.stringify(order) };
}

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function serve() {
  for (;;) {
    const event = await call("GET", "next");
    const id = event.headers["lambda-runtime-aws-request-id"];
    try {
      await call("POST", `${id}/response`, JSON.stringify(await handler(JSON.parse(event.body))));
    } catch (error) {
      await call("POST", `${id}/error`, JSON.stringify({ errorMessage: String(error) }));
    }
  }
}

serve();
