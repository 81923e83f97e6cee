import { answered, usePages, useShop, useWords, type components } from "@millrun/api";
import { useQuery } from "@tanstack/react-query";
import { Form, type TableColumnsType } from "antd";
import { Command } from "../kit/Command";
import { Facts } from "../kit/Facts";
import { ChoiceField, MomentField } from "../kit/Fields";
import { OneOf, useFilters } from "../kit/filters";
import { Nothing } from "../kit/Nothing";
import { Read } from "../kit/Page";
import { Actions } from "../kit/Actions";
import { PagedTable } from "../kit/PagedTable";
import { Qty, When } from "../kit/Show";
import { Status, useStatusWords } from "../kit/Status";
import { SubjectLink } from "./SubjectLink";
import { WORDS } from "./words";

type Item = components["schemas"]["OutboxItemView"];
type OutboxStatus = components["schemas"]["OutboxStatus"];

export function Outbox() {
  const words = useWords(WORDS);
  const statuses = useStatusWords();
  const { client } = useShop();
  const { values, set } = useFilters(["status"]);
  const status = values.status as OutboxStatus | undefined;
  const pages = usePages(["outbox", status ?? ""], (cursor) =>
    answered(client.GET("/api/v1/admin/outbox", { params: { query: { status, cursor } } })),
  );
  return (
    <>
      <div className="filters" role="search">
        <OneOf
          label={words.status}
          value={values.status}
          options={statuses.outbox}
          onChange={(next) => set({ status: next })}
        />
        <ReplayAll />
      </div>
      <PagedTable<Item>
        label={words.tabs.outbox}
        pages={pages}
        rowKey={(item) => item.event_id}
        columns={useColumns()}
        details={(item) => <Details eventId={item.event_id} />}
        empty={<Nothing title={words.outbox.empty.title}>{words.outbox.empty.body}</Nothing>}
      />
    </>
  );
}

function useColumns(): TableColumnsType<Item> {
  const words = useWords(WORDS).outbox;
  const { status: statusWord } = useWords(WORDS);
  return [
    { title: words.type, key: "type", render: (_, { type }) => <code>{type}</code> },
    { title: statusWord, key: "status", render: (_, { status }) => <Status kind="outbox" value={status} /> },
    { title: words.attempts, key: "attempts", align: "right", render: (_, { attempts }) => <Qty value={attempts} /> },
    { title: words.created, key: "created", render: (_, { created_at }) => <When at={created_at} /> },
    { title: words.sent, key: "sent", render: (_, { sent_at }) => <When at={sent_at} />, responsive: ["md"] },
    { title: <Actions />, key: "actions", align: "right", render: (_, item) => <Replay item={item} /> },
  ];
}

function Details({ eventId }: { eventId: string }) {
  const words = useWords(WORDS).outbox;
  const { client } = useShop();
  const query = useQuery({
    queryKey: ["outbox-event", eventId],
    queryFn: () => answered(client.GET("/api/v1/admin/outbox/{event_id}", { params: { path: { event_id: eventId } } })),
  });
  return (
    <Read query={query}>
      {({ aggregate, payload, last_error }) => (
        <>
          <Facts
            of={[
              [words.aggregate, <SubjectLink key="a" type={aggregate.type} id={aggregate.id} />],
              [words.lastError, last_error],
            ]}
          />
          <pre className="payload" tabIndex={0} aria-label={words.payload}>
            {JSON.stringify(payload, null, 2)}
          </pre>
        </>
      )}
    </Read>
  );
}

function Replay({ item }: { item: Item }) {
  const { client } = useShop();
  const words = useWords(WORDS).outbox.replay;
  const { event_id, type } = item;
  return (
    <Command<object, Item>
      command="replay_event"
      subject={event_id}
      size="small"
      label={words.label}
      title={words.title}
      effect={() => words.effect(type)}
      confirm={() => words.confirm}
      send={(_, key) =>
        answered(
          client.POST("/api/v1/admin/outbox/{event_id}/replay", {
            params: { path: { event_id }, header: { "Idempotency-Key": key } },
          }),
        )
      }
      done={() => words.done}
      refresh={[["outbox"], ["summary"]]}
    />
  );
}

interface Replayed {
  status: "FAILED" | "SENT";
  from?: string;
  to?: string;
}

/** Replays many events: all failed ones, or those sent in a period. */
function ReplayAll() {
  const { client } = useShop();
  const words = useWords(WORDS).outbox.replayAll;
  return (
    <Command<Replayed, components["schemas"]["ReplayedView"]>
      command="replay_events"
      subject="many"
      label={words.label}
      title={words.title}
      initial={{ status: "FAILED" }}
      fields={() => (
        <>
          <ChoiceField name="status" label={words.which} options={words.of} />
          <Form.Item noStyle dependencies={["status"]}>
            {({ getFieldValue }) =>
              getFieldValue("status") === "SENT" && (
                <>
                  <MomentField name="from" label={words.from} />
                  <MomentField name="to" label={words.to} optional />
                </>
              )
            }
          </Form.Item>
        </>
      )}
      effect={() => words.effect}
      confirm={() => words.confirm}
      send={({ status, from, to }, key) =>
        answered(
          client.POST("/api/v1/admin/outbox/replay", {
            params: { header: { "Idempotency-Key": key } },
            body: status === "SENT" ? { status, from, to } : { status },
          }),
        )
      }
      done={({ events, next_from }) => words.done(events, next_from !== undefined)}
      refresh={[["outbox"], ["summary"]]}
    />
  );
}
