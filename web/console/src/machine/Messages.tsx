import { answered, usePages, useShop, useWords, type components } from "@millrun/api";
import type { TableColumnsType } from "antd";
import { Command } from "../kit/Command";
import { OneOf, useFilters } from "../kit/filters";
import { OrderLink } from "../kit/names";
import { Nothing } from "../kit/Nothing";
import { Actions } from "../kit/Actions";
import { PagedTable } from "../kit/PagedTable";
import { Qty, When } from "../kit/Show";
import { Status, useStatusWords } from "../kit/Status";
import { CHANNELS, TEMPLATES } from "../kit/templates";
import { WORDS } from "./words";

type Message = components["schemas"]["NotificationView"];
type NotificationStatus = components["schemas"]["NotificationStatus"];

export function Messages() {
  const words = useWords(WORDS);
  const statuses = useStatusWords();
  const { client } = useShop();
  const { values, set } = useFilters(["status"]);
  // Opens with the failed messages: the list of all messages is long and slow to read.
  const chosen = values.status ?? "FAILED";
  const status = chosen === "ALL" ? undefined : (chosen as NotificationStatus);
  const pages = usePages(["notifications", status ?? ""], (cursor) =>
    answered(client.GET("/api/v1/admin/notifications", { params: { query: { status, cursor } } })),
  );
  return (
    <>
      <div className="filters" role="search">
        <OneOf
          label={words.status}
          value={status}
          options={statuses.notification}
          onChange={(next) => set({ status: next ?? "ALL" })}
        />
      </div>
      <PagedTable<Message>
        label={words.tabs.messages}
        pages={pages}
        rowKey={(message) => message.job_id}
        columns={useColumns()}
        empty={<Nothing title={words.messages.empty.title}>{words.messages.empty.body}</Nothing>}
      />
    </>
  );
}

function useColumns(): TableColumnsType<Message> {
  const templates = useWords(TEMPLATES);
  const channels = useWords(CHANNELS);
  const { messages: words, status: statusWord } = useWords(WORDS);
  return [
    {
      title: words.template,
      key: "template",
      render: (_, { template_key }) => templates[template_key],
    },
    {
      title: statusWord,
      key: "status",
      render: (_, { status, last_failure }) => (
        <>
          <Status kind="notification" value={status} />
          {last_failure && <div className="muted">{last_failure}</div>}
        </>
      ),
    },
    { title: words.channel, key: "channel", render: (_, { channel }) => channels[channel], responsive: ["md"] },
    {
      title: words.recipient,
      key: "recipient",
      render: (_, { recipient }) => <span className="ellipsis">{recipient}</span>,
    },
    { title: words.order, key: "order", render: (_, { order_id }) => (order_id ? <OrderLink id={order_id} /> : "–") },
    {
      title: words.retries,
      key: "retries",
      align: "right",
      render: (_, { retry_count }) => <Qty value={retry_count} />,
    },
    { title: words.created, key: "created", render: (_, { created_at }) => <When at={created_at} /> },
    { title: <Actions />, key: "actions", align: "right", render: (_, message) => <Retry message={message} /> },
  ];
}

function Retry({ message }: { message: Message }) {
  const { client } = useShop();
  const words = useWords(WORDS).messages.retry;
  const { job_id, status, recipient } = message;
  if (status !== "FAILED") return null;
  return (
    <Command<object, Message>
      command="retry_notification"
      subject={job_id}
      size="small"
      label={words.label}
      title={words.title}
      effect={() => words.effect(recipient)}
      confirm={() => words.confirm}
      send={(_, key) =>
        answered(
          client.POST("/api/v1/admin/notifications/{job_id}/retry", {
            params: { path: { job_id }, header: { "Idempotency-Key": key } },
          }),
        )
      }
      done={() => words.done}
      refresh={[["notifications"], ["summary"]]}
    />
  );
}
