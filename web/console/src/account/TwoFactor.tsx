import { useShop, useWords } from "@millrun/api";
import { begin, confirm, isInUse } from "@millrun/api/authenticator";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, QRCode } from "antd";
import { inGroups } from "./key";
import { WORDS } from "./words";

/** Sets up an authenticator app for one's own account. */
export function TwoFactor({ email, close }: { email: string; close: () => void }) {
  const words = useWords(WORDS).twoFactor;
  const { shopName } = useShop().config;
  const queries = useQueryClient();
  const { message } = App.useApp();
  const inUse = useQuery({ queryKey: ["authenticator"], queryFn: isInUse });
  const begun = useMutation({ mutationFn: () => begin(shopName, email) });
  const confirmed = useMutation({
    mutationFn: confirm,
    onSuccess: async () => {
      void message.success(words.done, 6);
      close();
      await queries.invalidateQueries({ queryKey: ["authenticator"] });
    },
  });
  const isBroken = inUse.isError || begun.isError;
  return (
    <Modal open title={words.title} footer={null} onCancel={close} mask={{ closable: false }}>
      <div className="two-factor">
        {inUse.isSuccess && !begun.isSuccess && (
          <>
            <p>{inUse.data ? words.isOn : words.isOff}</p>
            <Button type="primary" loading={begun.isPending} onClick={() => begun.mutate()}>
              {inUse.data ? words.beginAgain : words.begin}
            </Button>
          </>
        )}
        {isBroken && <p role="alert">{words.failed}</p>}
        {begun.isSuccess && (
          <Form<{ code: string }>
            layout="vertical"
            requiredMark={false}
            onFinish={({ code }) => {
              if (!confirmed.isPending) confirmed.mutate(code.trim());
            }}
          >
            <p>{words.scan}</p>
            <div className="qr-code">
              {/* Phones read dark on light only. */}
              <QRCode
                aria-label={words.qrCode}
                value={begun.data.uri}
                type="svg"
                size={176}
                color="#000000"
                bgColor="#ffffff"
                bordered={false}
              />
            </div>
            <p className="key">{inGroups(begun.data.key)}</p>
            <Form.Item
              name="code"
              label={words.code}
              rules={[{ required: true, whitespace: true, message: words.code }]}
              {...(confirmed.isError && { validateStatus: "error", help: words.refused })}
            >
              <Input inputMode="numeric" autoComplete="one-time-code" maxLength={8} autoFocus />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={confirmed.isPending}>
              {words.confirm}
            </Button>
          </Form>
        )}
      </div>
    </Modal>
  );
}
