import { useShop, useWords, type SignInStep } from "@millrun/api";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { LanguageChoice } from "../frame/AccountMenu";
import { WORDS } from "./words";

type Step = "credentials" | "new_password" | "totp" | "forgot" | "reset";

interface Fields {
  email: string;
  password: string;
  code: string;
}

const NEXT: Record<SignInStep, Step> = {
  done: "credentials",
  confirm_sign_up: "credentials",
  new_password: "new_password",
  totp: "totp",
  reset_password: "reset",
};

/** Replaces the requested page until the user has signed in. */
export function SignIn() {
  const { session, config } = useShop();
  const words = useWords(WORDS);
  const [step, setStep] = useState<Step>("credentials");
  const [email, setEmail] = useState("");
  const send = useMutation({
    mutationFn: async (fields: Fields): Promise<Step> => {
      switch (step) {
        case "credentials":
          setEmail(fields.email);
          return NEXT[await session.signIn(fields.email, fields.password)];
        case "new_password":
          return NEXT[await session.answer(fields.password)];
        case "totp":
          return NEXT[await session.answer(fields.code)];
        case "forgot":
          setEmail(fields.email);
          await session.forgotPassword(fields.email);
          return "reset";
        case "reset":
          await session.newPassword(email, fields.code, fields.password);
          return NEXT[await session.signIn(email, fields.password)];
      }
    },
    onSuccess: setStep,
  });
  const go = (next: Step) => {
    send.reset();
    setStep(next);
  };
  const asksEmail = step === "credentials" || step === "forgot";
  const asksCode = step === "totp" || step === "reset";
  const isNew = step === "new_password" || step === "reset";
  return (
    <main className="sign-in">
      <h1>{words.title}</h1>
      <p className="muted">{words.subtitle(config.shopName)}</p>
      <Form<Fields> key={step} layout="vertical" requiredMark={false} onFinish={(fields) => send.mutate(fields)}>
        {send.isError && (
          <Alert
            role="alert"
            type="error"
            showIcon
            title={step === "credentials" ? words.refused : words.codeRefused}
          />
        )}
        {step === "new_password" && <p>{words.choose}</p>}
        {step === "totp" && <p>{words.totp}</p>}
        {step === "reset" && <p>{words.codeSent(email)}</p>}
        {asksEmail && (
          <Form.Item name="email" label={words.email} initialValue={email} rules={[{ required: true }]}>
            <Input type="email" autoComplete="username" autoFocus />
          </Form.Item>
        )}
        {asksCode && (
          <Form.Item name="code" label={words.code} rules={[{ required: true }]}>
            <Input inputMode="numeric" autoComplete="one-time-code" autoFocus />
          </Form.Item>
        )}
        {(step === "credentials" || isNew) && (
          <Form.Item
            name="password"
            label={isNew ? words.newPassword : words.password}
            extra={isNew && words.newPasswordHelp}
            rules={[{ required: true }]}
          >
            <Input.Password autoComplete={isNew ? "new-password" : "current-password"} />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" block loading={send.isPending}>
          {step === "credentials" ? words.signIn : step === "forgot" ? words.send : words.go}
        </Button>
        <Button type="link" block onClick={() => go(step === "credentials" ? "forgot" : "credentials")}>
          {step === "credentials" ? words.forgot : words.back}
        </Button>
      </Form>
      <LanguageChoice />
    </main>
  );
}
