import { ApiError, once } from "@millrun/api";
import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { App, Button, Form, Modal, type FormInstance } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { useMay } from "./access";
import { Refusal } from "./Refusal";
import { useKitWords } from "./useKitWords";

export interface CommandProps<V extends object, A> {
  /** The use case's name: by it the button is shown or not. */
  command: string;
  /** What it is about: with the command it makes the slot of the idempotency key. */
  subject: string;
  /** On the button that opens it: what it does. */
  label: string;
  title: string;
  initial?: Partial<V>;
  fields?: (form: FormInstance<V>) => ReactNode;
  /** What will happen, in numbers. */
  effect: (values: V) => ReactNode;
  /** On the button that sends it. */
  confirm: (values: V) => string;
  send: (values: V, key: string) => Promise<A>;
  /** What came of it. */
  done: (answer: A) => string;
  /** What to read again. */
  refresh: readonly QueryKey[];
  after?: (answer: A) => void;
  kind?: "primary" | "danger" | "plain" | "link";
  size?: "small" | "middle";
}

/** A command: a button, what it will do in numbers, one sending under one key, and what came of it. */
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
  const mutation = useMutation({
    mutationFn: (sent: V) => once(`${command}:${subject}`, sent, (key) => send(sent, key)),
    onSuccess: async (answer) => {
      void message.success(done(answer), 6);
      close();
      await Promise.all(refresh.map((queryKey) => queries.invalidateQueries({ queryKey })));
      after?.(answer);
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
        onFinish={(sent) => mutation.mutate({ ...initial, ...sent })}
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

/** Puts what the API says about a field at that field, where the form has it. */
function markFields<V extends object>(form: FormInstance<V>, failure: unknown): void {
  if (!(failure instanceof ApiError)) return;
  const present = new Set(Object.keys(form.getFieldsValue()));
  for (const { field, message } of failure.fields) {
    const name = field.split(/[.[]/)[0] ?? "";
    if (present.has(name)) form.setFields([{ name: name as never, errors: [message] }]);
  }
}
