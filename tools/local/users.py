"""The users of the local shop, with real tokens of the stack's own user pool."""

from dataclasses import dataclass
from typing import Any

from .console import Problem
from .stack import Stack

# Valid on this machine only, so not secret.
PASSWORD = "Millrun-local-1!"


@dataclass(frozen=True)
class Person:
    email: str
    groups: tuple[str, ...] = ()


USERS = {
    "demo": Person("demo@shop.example"),
    "other": Person("other@shop.example"),
    "admin": Person("admin@shop.example", ("admin",)),
    "fulfilment": Person("fulfilment@shop.example", ("fulfilment",)),
    "support": Person("support@shop.example", ("support",)),
    "viewer": Person("viewer@shop.example", ("viewer",)),
}


def ensure(stack: Stack) -> None:
    """Creates the users that do not exist yet; safe to repeat."""
    cognito, outputs = stack.client("cognito-idp"), stack.outputs()
    pool = outputs["UserPoolId"]
    for person in USERS.values():
        try:
            cognito.admin_create_user(
                UserPoolId=pool,
                Username=person.email,
                UserAttributes=[{"Name": "email", "Value": person.email}, {"Name": "email_verified", "Value": "true"}],
                MessageAction="SUPPRESS",
            )
        except cognito.exceptions.UsernameExistsException:
            pass
        # A permanent password: a temporary one has to be changed at the first sign-in.
        cognito.admin_set_user_password(UserPoolId=pool, Username=person.email, Password=PASSWORD, Permanent=True)
        for group in person.groups:
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=person.email, GroupName=group)


def token(stack: Stack, who: str) -> str:
    """Signs a user in as the shop's front end does; returns an access token that is valid for an hour."""
    return _sign_in(stack, who)["AccessToken"]


def identity_token(stack: Stack, who: str) -> str:
    """An identity token, which the API accepts, too."""
    return _sign_in(stack, who)["IdToken"]


def _sign_in(stack: Stack, who: str) -> dict[str, Any]:
    if who not in USERS:
        raise Problem(f"There is no demo user {who}.", f"USER= one of {', '.join(USERS)}")
    return stack.client("cognito-idp").initiate_auth(
        ClientId=stack.outputs()["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": USERS[who].email, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
