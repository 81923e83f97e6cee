import { useShop } from "@millrun/api";
import { Route, Switch } from "wouter";
import { AccountPage } from "./account/AccountPage";
import { ForgotPage } from "./account/ForgotPage";
import { RequireSignIn } from "./account/RequireSignIn";
import { SignInPage } from "./account/SignInPage";
import { SignUpPage } from "./account/SignUpPage";
import { CartPage } from "./cart/CartPage";
import { Catalogue } from "./catalogue/Catalogue";
import { ProductPage } from "./catalogue/ProductPage";
import { CartCheckout, ReserveCheckout } from "./checkout/CheckoutPage";
import { CouponPage } from "./coupons/CouponPage";
import { CouponsPage } from "./coupons/CouponsPage";
import { Frame } from "./layout/Frame";
import { NotFound } from "./layout/NotFound";
import { OrderPage } from "./orders/OrderPage";
import { OrdersPage } from "./orders/OrdersPage";
import { PointsPage } from "./points/PointsPage";
import { OfferPage } from "./windows/OfferPage";

export function App() {
  const { config } = useShop();
  return (
    <Frame>
      <title>{config.shopName}</title>
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
    </Frame>
  );
}
