import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";
import { dialog } from "./staff";
import { expect, expectAccessible, PASSWORD, stack, test } from "./support";

// The user pool refuses a wrong code with 400.
test.use({ viewport: { width: 1280, height: 860 }, expected: /400/ });

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const TEMPORARY = "Temporary-and-long-1";

test("a new member of staff chooses a password, sets up an authenticator app, and signs in with its code", async ({
  page,
}) => {
  const email = `staff-${Date.now()}@shop.example`;
  await newStaff(email);
  await page.goto("/console/");
  await fill(page, email, TEMPORARY);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.locator("header.frame-head")).toBeVisible();
  await page.getByRole("button", { name: `Account: ${email}` }).click();
  await page.getByRole("button", { name: "Authenticator app" }).click();
  await dialog(page).getByRole("button", { name: "Set up an app" }).click();
  await expect(dialog(page).getByRole("img", { name: "The key as a QR code" })).toBeVisible();
  await expectAccessible(page);
  const key = (await dialog(page).locator(".key").innerText()).replaceAll(" ", "");
  await dialog(page).getByLabel("Code from the app").fill("12345");
  await dialog(page).getByRole("button", { name: "Turn on" }).click();
  await expect(dialog(page).getByText("This code was not accepted.")).toBeVisible();
  await dialog(page).getByLabel("Code from the app").fill(codeOf(key));
  await dialog(page).getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("The sign-in now asks for a code")).toBeVisible();
  await page.getByRole("button", { name: `Account: ${email}` }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await fill(page, email, PASSWORD);
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("The code or password was not accepted.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Code").fill(codeOf(key));
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.locator("header.frame-head")).toBeVisible();
});

async function fill(page: Page, email: string, password: string): Promise<void> {
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[type=password]").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** An admin of the shop with a temporary password, as docs/deploy.md creates one. */
async function newStaff(email: string): Promise<void> {
  const claims = Buffer.from(stack.tokens.admin?.split(".")[1] ?? "", "base64url").toString();
  const UserPoolId = (JSON.parse(claims) as { iss: string }).iss.split("/").at(-1);
  const user = { UserPoolId, Username: email };
  const attributes = { email, email_verified: "true" };
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  const create = { ...user, UserAttributes, TemporaryPassword: TEMPORARY, MessageAction: "SUPPRESS" };
  await pool("AdminCreateUser", create);
  await pool("AdminAddUserToGroup", { ...user, GroupName: "admin" });
}

async function pool(operation: string, body: object): Promise<void> {
  const response = await fetch(stack.endpoint, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request",
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
}

/** The code that an authenticator app shows now (RFC 6238, 30 s, six digits). */
function codeOf(key: string): string {
  const bits = key.replace(/./g, (sign) => BASE32.indexOf(sign).toString(2).padStart(5, "0"));
  const bytes = bits.match(/.{8}/g) ?? [];
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const secret = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const hash = createHmac("sha1", secret).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 0xf;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
