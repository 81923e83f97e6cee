/** The shop page's screens, by the route they are drawn at; a unit test holds the list against App.tsx. */
export const SCREENS: Record<string, string> = {
  catalogue: "/",
  product: "/products/:id",
  window: "/windows/:windowId/:productId",
  reserve: "/windows/:windowId/:productId/reserve",
  cart: "/cart",
  checkout: "/checkout",
  "sign-in": "/sign-in",
  "sign-up": "/sign-up",
  forgot: "/forgot",
  orders: "/orders",
  order: "/orders/:id",
  coupons: "/coupons",
  coupon: "/coupons/:id",
  points: "/points",
  account: "/account",
};
