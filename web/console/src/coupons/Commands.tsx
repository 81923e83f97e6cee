import { answered, useShop, useWords, type components } from "@millrun/api";
import { Command } from "../kit/Command";
import { MomentField, NumberField, TextField, YesNoField } from "../kit/Fields";
import { phaseOf, type Coupon } from "./api";
import { QUANTITY_MAX } from "./CreateCoupon";
import { WORDS } from "./words";

type Schemas = components["schemas"];

function refreshOf({ coupon_id }: Coupon) {
  return [["coupon", coupon_id], ["coupons"]];
}

export function AddCoupons({ coupon }: { coupon: Coupon }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { coupon_id, total_quantity, issued_qty } = coupon;
  if (phaseOf(coupon) === "over") return null;
  return (
    <Command<{ total_quantity: number }, Schemas["CouponView"]>
      command="update_coupon"
      subject={coupon_id}
      label={words.add.label}
      title={words.add.title}
      initial={{ total_quantity }}
      fields={() => (
        <NumberField
          name="total_quantity"
          label={words.add.total}
          help={words.add.totalHelp(issued_qty)}
          min={Math.max(1, issued_qty)}
          max={QUANTITY_MAX}
        />
      )}
      effect={(fields) => words.add.effect(total_quantity, fields.total_quantity || total_quantity)}
      confirm={() => words.add.confirm}
      send={(body) =>
        answered(client.PATCH("/api/v1/admin/coupons/{coupon_id}", { params: { path: { coupon_id } }, body }))
      }
      done={({ remaining_qty }) => words.add.done(remaining_qty)}
      refresh={refreshOf(coupon)}
    />
  );
}

interface CouponFields {
  name: string;
  valid_until: string;
  listed: boolean;
}

export function EditCoupon({ coupon }: { coupon: Coupon }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { coupon_id, name, valid_until, listed = false } = coupon;
  return (
    <Command<CouponFields, Schemas["CouponView"]>
      command="update_coupon"
      subject={`${coupon_id}/edit`}
      label={words.edit.label}
      title={words.edit.title}
      initial={{ name, valid_until, listed }}
      fields={() => (
        <>
          <TextField name="name" label={words.name} max={100} autoFocus />
          <MomentField name="valid_until" label={words.validUntil} />
          <YesNoField name="listed" label={words.listed} help={words.listedHelp} />
        </>
      )}
      effect={() => words.edit.effect}
      confirm={() => words.edit.confirm}
      send={(body) =>
        answered(client.PATCH("/api/v1/admin/coupons/{coupon_id}", { params: { path: { coupon_id } }, body }))
      }
      done={(saved) => words.edit.done(saved.name)}
      refresh={refreshOf(coupon)}
    />
  );
}

export function EndCoupon({ coupon }: { coupon: Coupon }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const { coupon_id, name, remaining_qty } = coupon;
  if (phaseOf(coupon) === "over") return null;
  return (
    <Command<object, Schemas["CouponView"]>
      command="update_coupon"
      subject={`${coupon_id}/end`}
      kind="danger"
      label={words.end.label}
      title={words.end.title(name)}
      effect={() => words.end.effect(remaining_qty)}
      confirm={() => words.end.confirm}
      send={() =>
        answered(
          client.PATCH("/api/v1/admin/coupons/{coupon_id}", {
            params: { path: { coupon_id } },
            body: { issue_ends_at: new Date().toISOString() },
          }),
        )
      }
      done={() => words.end.done}
      refresh={refreshOf(coupon)}
    />
  );
}
