import { useShop } from "@millrun/api";
import { lazy, Suspense, useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { RequireSignIn } from "./account/RequireSignIn";
import { Catalogue } from "./catalogue/Catalogue";
import { Crash } from "./layout/Crash";
import { Frame } from "./layout/Frame";
import { NotFound } from "./layout/NotFound";
import { Rows } from "./parts/Skeleton";

/** The screens that visitors usually open next: loaded after the first screen, so that they open at once. */
const NEXT = {
  product: () => import("./catalogue/ProductPage"),
  offer: () => import("./windows/OfferPage"),
  cart: () => import("./cart/CartPage"),
};
const ProductPage = lazy(async () => ({ default: (await NEXT.product()).ProductPage }));
const OfferPage = lazy(async () => ({ default: (await NEXT.offer()).OfferPage }));
const CartPage = lazy(async () => ({ default: (await NEXT.cart()).CartPage }));
const CartCheckout = lazy(async () => ({ default: (await import("./checkout/CheckoutPage")).CartCheckout }));
const ReserveCheckout = lazy(async () => ({ default: (await import("./checkout/CheckoutPage")).ReserveCheckout }));
const SignInPage = lazy(async () => ({ default: (await import("./account/SignInPage")).SignInPage }));
const SignUpPage = lazy(async () => ({ default: (await import("./account/SignUpPage")).SignUpPage }));
const ForgotPage = lazy(async () => ({ default: (await import("./account/ForgotPage")).ForgotPage }));
const AccountPage = lazy(async () => ({ default: (await import("./account/AccountPage")).AccountPage }));
const OrdersPage = lazy(async () => ({ default: (await import("./orders/OrdersPage")).OrdersPage }));
const OrderPage = lazy(async () => ({ default: (await import("./orders/OrderPage")).OrderPage }));
const CouponsPage = lazy(async () => ({ default: (await import("./coupons/CouponsPage")).CouponsPage }));
const CouponPage = lazy(async () => ({ default: (await import("./coupons/CouponPage")).CouponPage }));
const PointsPage = lazy(async () => ({ default: (await import("./points/PointsPage")).PointsPage }));
const IDLE_MS = 3_000;

export function App() {
  const { config } = useShop();
  const [location] = useLocation();
  useEffect(() => {
    const load = () => {
      // A failure is shown when the screen is opened.
      for (const each of Object.values(NEXT)) each().catch(() => undefined);
    };
    const timer = setTimeout(load, IDLE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Frame>
      <title>{config.shopName}</title>
      <Crash key={location}>
        <Suspense fallback={<Rows />}>
          <Switch>
            <Route path="/">
              <Catalogue />
            </Route>
            <Route path="/products/:id">{({ id }) => <ProductPage key={id} id={id} />}</Route>
            <Route path="/windows/:windowId/:productId">{(params) => <OfferPage {...params} />}</Route>
            <Route path="/windows/:windowId/:productId/reserve">
              {(params) => (
                <RequireSignIn>
                  <ReserveCheckout {...params} />
                </RequireSignIn>
              )}
            </Route>
            <Route path="/cart">
              <CartPage />
            </Route>
            <Route path="/checkout">
              <RequireSignIn>
                <CartCheckout />
              </RequireSignIn>
            </Route>
            <Route path="/sign-in">
              <SignInPage />
            </Route>
            <Route path="/sign-up">
              <SignUpPage />
            </Route>
            <Route path="/forgot">
              <ForgotPage />
            </Route>
            <Route path="/orders">
              <RequireSignIn>
                <OrdersPage />
              </RequireSignIn>
            </Route>
            <Route path="/orders/:id">
              {({ id }) => (
                <RequireSignIn>
                  <OrderPage key={id} id={id} />
                </RequireSignIn>
              )}
            </Route>
            <Route path="/coupons">
              <RequireSignIn>
                <CouponsPage />
              </RequireSignIn>
            </Route>
            <Route path="/coupons/:id">
              {({ id }) => (
                <RequireSignIn>
                  <CouponPage key={id} id={id} />
                </RequireSignIn>
              )}
            </Route>
            <Route path="/points">
              <RequireSignIn>
                <PointsPage />
              </RequireSignIn>
            </Route>
            <Route path="/account">
              <RequireSignIn>
                <AccountPage />
              </RequireSignIn>
            </Route>
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </Crash>
    </Frame>
  );
}
