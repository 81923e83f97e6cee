import { ApiError, once } from "@millrun/api";
import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { App, Button, Form, Modal, type FormInstance } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useMay } from "./access";
import { Refusal } from "./Refusal";
import { useKitWords } from "./useKitWords";

export interface CommandProps<V extends object, A> {
  /** The use case's name, which decides whether the button is shown. */
  command: string;
  /** The subject: with the command it makes the slot of the idempotency key. */
  subject: string;
  /** The label of the button that opens it. */
  label: string;
  title: string;
  initial?: Partial<V>;
  fields?: (form: FormInstance<V>) => ReactNode;
  /** The effect, in numbers. */
  effect: (values: V) => ReactNode;
  /** The label of the button that sends it. */
  confirm: (values: V) => string;
  send: (values: V, key: string) => Promise<A>;
  /** The text for the result. */
  done: (answer: A) => string;
  /** The queries to refresh. */
  refresh: readonly QueryKey[];
  after?: (answer: A) => void;
  kind?: "primary" | "danger" | "plain" | "link";
  size?: "small" | "middle";
}

/** A command: a button, a dialog with the effect in numbers, one request under one key, and the result. */
export function Command<V extends object, A>(props: CommandProps<V, A>) {
  const [open, setOpen] = useState(false);
  const may = useMay();
  if (!may(props.command)) return null;
  const { kind = "plain", size = "middle" } = props;
  return (
    <>
      <Button
        size={size}
        type={kind === "primary" ? "primary" : kind === "link" ? "link" : "default"}
        danger={kind === "danger"}
        onClick={() => setOpen(true)}
      >
        {props.label}
      </Button>
      {open && <CommandDialog {...props} close={() => setOpen(false)} />}
    </>
  );
}

function CommandDialog<V extends object, A>(props: CommandProps<V, A> & { close: () => void }) {
  const { command, subject, title, fields, effect, confirm, send, done, refresh, after, kind, close } = props;
  const words = useKitWords();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<V>();
  const initial = (props.initial ?? {}) as V;
  const values = { ...initial, ...(Form.useWatch([], form) as V | undefined) };
  // A double click submits the form twice before the first request is known to be pending.
  const isSent = useRef(false);
  const submit = (sent: V) => {
    if (isSent.current) return;
    isSent.current = true;
    mutation.mutate({ ...initial, ...sent });
  };
  const mutation = useMutation({
    mutationFn: (sent: V) => once(`${command}:${subject}`, sent, (key) => send(sent, key)),
    onSuccess: async (answer) => {
      void message.success(done(answer), 6);
      close();
      await Promise.all(refresh.map((queryKey) => queries.invalidateQueries({ queryKey })));
      after?.(answer);
    },
    onError: () => {
      isSent.current = false;
    },
  });
  useEffect(() => markFields(form, mutation.error), [form, mutation.error]);
  return (
    <Modal
      open
      title={title}
      onCancel={close}
      okText={confirm(values)}
      okButtonProps={{ danger: kind === "danger", htmlType: "submit", form: `form-${command}` }}
      cancelText={words.close}
      confirmLoading={mutation.isPending}
      mask={{ closable: false }}
      destroyOnHidden
    >
      <Form<V>
        id={`form-${command}`}
        form={form}
        layout="vertical"
        requiredMark={false}
        {...(props.initial && { initialValues: props.initial })}
        onFinish={submit}
        validateMessages={{ required: words.required("${label}") }}
      >
        {fields?.(form)}
        <div className="effect">{effect(values)}</div>
        {mutation.isError && <Refusal failure={mutation.error} />}
        {mutation.error instanceof ApiError && mutation.error.isUndecided && <p className="muted">{words.sentOnce}</p>}
      </Form>
    </Modal>
  );
}

/** Shows the API's field errors at the fields that the form has. */
function markFields<V extends object>(form: FormInstance<V>, failure: unknown): void {
  if (!(failure instanceof ApiError)) return;
  const present = new Set(Object.keys(form.getFieldsValue()));
  for (const { field, message } of failure.fields) {
    const name = field.split(/[.[]/)[0] ?? "";
    if (present.has(name)) form.setFields([{ name: name as never, errors: [message] }]);
  }
}
