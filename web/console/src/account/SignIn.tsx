import { useShop, useWords } from "@millrun/api";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { WORDS } from "./words";

interface Fields {
  email: string;
  password: string;
}

export function SignIn() {
  const { session } = useShop();
  const words = useWords(WORDS);
  const signIn = useMutation({ mutationFn: ({ email, password }: Fields) => session.signIn(email, password) });
  return (
    <main>
      <Form<Fields> layout="vertical" onFinish={(fields) => signIn.mutate(fields)}>
        {signIn.isError && <Alert type="error" title={words.refused} />}
        <Form.Item name="email" label={words.email} rules={[{ required: true }]}>
          <Input type="email" autoComplete="username" />
        </Form.Item>
        <Form.Item name="password" label={words.password} rules={[{ required: true }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={signIn.isPending}>
          {words.signIn}
        </Button>
      </Form>
    </main>
  );
}
