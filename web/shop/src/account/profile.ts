import { answered, useShop, useSigned, type Client, type components } from "@millrun/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { trimmed, type Contact } from "../checkout/contact";

type Schemas = components["schemas"];
export type Address = Schemas["AddressView"];
export type Profile = Schemas["SetProfile"];

export const ADDRESSES_MAX = 5;
const PROFILE = ["my", "profile"];

/** The customer's saved addresses and language. */
export function useProfile(isWanted = true) {
  const { client } = useShop();
  const signed = useSigned();
  return useQuery({
    queryKey: PROFILE,
    queryFn: () => answered(client.GET("/api/v1/me")),
    enabled: Boolean(signed) && isWanted,
  });
}

/** Saves a change of the profile. */
export function useSaveProfile() {
  const { client } = useShop();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: (profile: Profile) => Profile) => saveProfile(client, change),
    onSuccess: (profile) => queries.setQueryData(PROFILE, profile),
  });
}

/**
 * The request replaces the whole profile, which another tab may have changed: the change is applied to the current
 * profile.
 */
async function saveProfile(client: Client, change: (profile: Profile) => Profile) {
  const { addresses, language } = await answered(client.GET("/api/v1/me"));
  const body = change({ addresses: addresses.map(bodyOf), ...(language && { language }) });
  return answered(client.PUT("/api/v1/me", { body }));
}

function bodyOf({ address_id, name, phone, email, shipping_address, line_user_id }: Address) {
  return { address_id, name, phone, email, shipping_address, ...(line_user_id && { line_user_id }) };
}

/** An id for a new address. Customers see only the content of an address, not its id. */
export function newAddressId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Changes the address that has this id, or adds it at the end. */
export function withAddress(addressId: string, contact: Contact): (profile: Profile) => Profile {
  return (profile) => {
    const known = profile.addresses.find(({ address_id }) => address_id === addressId);
    const address = { ...known, ...trimmed(contact), address_id: addressId };
    const addresses = known
      ? profile.addresses.map((each) => (each.address_id === addressId ? address : each))
      : [...profile.addresses, address];
    return { ...profile, addresses };
  };
}

export function withoutAddress(addressId: string): (profile: Profile) => Profile {
  return (profile) => ({
    ...profile,
    addresses: profile.addresses.filter(({ address_id }) => address_id !== addressId),
  });
}
