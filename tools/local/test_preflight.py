"""What `make deploy` finds in an account before it sends anything."""

import unittest
from typing import Any

from botocore.exceptions import ClientError

from . import answers, glibc, preflight, upgrade


def missing(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "not there"}}, operation)


class Account:
    """An account that is ready for the shop, except for what a test changes."""

    def __init__(self) -> None:
        self.concurrency, self.status, self.is_in_sandbox, self.is_verified = 1000, None, False, True
        self.secrets: dict[str, dict[str, Any]] = {}

    def __call__(self, _: str) -> "Account":
        return self

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if self.status is None:
            raise missing("DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": self.concurrency}}

    def get_account(self) -> dict[str, Any]:
        return {"ProductionAccessEnabled": not self.is_in_sandbox}

    def get_email_identity(self, **_: Any) -> dict[str, Any]:
        if not self.is_verified:
            raise missing("GetEmailIdentity")
        return {"VerifiedForSendingStatus": True}

    def get_sms_sandbox_account_status(self) -> dict[str, Any]:
        return {"IsInSandbox": self.is_in_sandbox}

    def describe_secret(self, SecretId: str) -> dict[str, Any]:
        if SecretId not in self.secrets:
            raise missing("DescribeSecret")
        return self.secrets[SecretId]

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:
        return {"SecretString": self.describe_secret(SecretId)["value"]}


class TestPreflight(unittest.TestCase):
    def check(self, account: Account, name: str = "millrun", sms: str = "false", **others: str) -> list[preflight.Finding]:
        parameters = {"MailFrom": "no-reply@shop.example", "CustomerSms": sms, "Stage": "test", "PointsCharging": "payment"}
        return preflight.check(account, name, "ap-northeast-1", parameters | others)

    def test_an_account_that_is_ready_has_nothing_to_say(self) -> None:
        self.assertEqual(self.check(Account()), [])

    def test_a_new_account_is_told_how_to_ask_for_more_concurrency_and_is_not_stopped(self) -> None:
        account = Account()
        account.concurrency = 10
        (found,) = self.check(account)
        self.assertIn("L-B99A9384", found.advice)
        self.assertFalse(found.stops)

    def test_a_name_of_39_characters_is_refused_and_one_of_38_is_not(self) -> None:
        self.assertEqual(self.check(Account(), "n" * 38), [])
        (found,) = self.check(Account(), "n" * 39)
        self.assertTrue(found.stops)
        self.assertIn("38", found.what)

    def test_points_without_a_payment_are_refused_in_production_alone(self) -> None:
        (found,) = self.check(Account(), Stage="production", PointsCharging="trusted")
        self.assertTrue(found.stops)
        self.assertEqual(self.check(Account(), Stage="production"), [])
        self.assertEqual(self.check(Account(), PointsCharging="trusted"), [])

    def test_a_stack_that_cannot_go_on_says_which_command_comes_next(self) -> None:
        for status in preflight.BROKEN:
            account = Account()
            account.status = status
            (found,) = self.check(account)
            self.assertTrue(found.stops and "aws cloudformation" in found.advice, status)
        for status in ("ROLLBACK_COMPLETE", "CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"):
            account = Account()
            account.status = status
            self.assertEqual(self.check(account), [], status)

    def test_a_secret_that_waits_to_be_deleted_stops_a_creation_and_no_update(self) -> None:
        account = Account()
        account.secrets = {"millrun/ecpay": {"DeletedDate": "today", "value": '{"keys": []}'}}
        (found,) = self.check(account)
        self.assertTrue(found.stops and "--force-delete-without-recovery" in found.advice)
        account.status = "CREATE_COMPLETE"
        self.assertEqual(self.check(account), [])

    def test_an_empty_secret_is_told_of(self) -> None:
        account = Account()
        account.status, account.secrets = "CREATE_COMPLETE", {"millrun/ecpay": {"value": "{}"}}
        (found,) = self.check(account)
        self.assertIn("put-secret-value", found.advice)

    def test_sandboxes_are_told_of_where_they_matter(self) -> None:
        account = Account()
        account.is_in_sandbox, account.is_verified = True, False
        self.assertEqual(len(self.check(account)), 2)
        self.assertEqual(len(self.check(account, sms="true")), 3)


class TestAnswers(unittest.TestCase):
    def test_what_cloudformation_would_refuse_is_asked_again(self) -> None:
        number = {"Type": "Number", "MinValue": 1, "MaxValue": 30}
        for value in ("0", "31", "x", ""):
            self.assertTrue(answers.refusal(value, number), value)
        self.assertEqual(answers.refusal("7", number), "")
        origins = {"Type": "CommaDelimitedList", "AllowedPattern": "https://[^/, ]+"}
        self.assertEqual(answers.refusal("https://a.example,https://b.example", origins), "")
        self.assertTrue(answers.refusal("https://a.example,b.example", origins))


class TestUpgrade(unittest.TestCase):
    def test_what_refers_to_something_that_goes_goes_with_it(self) -> None:
        template = {
            "Resources": {
                "Tables": {"Type": "AWS::CloudFormation::Stack"},
                "Api": {"Type": "AWS::ApiGatewayV2::Api"},
                "Alarms": {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"Id": {"Ref": "Api"}}}},
                "Later": {"Type": "AWS::SNS::Topic", "DependsOn": "Alarms"},
                "Text": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${Api}-x"}}},
                "Kept": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["Tables", "Outputs.X"]}}},
            },
            "Outputs": {"Url": {"Value": {"Ref": "Api"}}},
        }
        left = upgrade.without(template, lambda _, kind: kind.startswith(upgrade.DOORS))
        self.assertEqual(set(left["Resources"]), {"Tables", "Kept"})
        self.assertNotIn("Outputs", left)

    def test_a_table_that_lacks_several_indexes_gets_one_at_a_time(self) -> None:
        deployed, wanted = table("by_a"), table("by_a", "by_b", "by_c", "by_d")
        for added, names in (("by_b", ["by_a", "by_b"]), ("by_c", ["by_a", "by_b", "by_c"])):
            later = upgrade.with_next_indexes(deployed, wanted)
            assert later
            deployed = later[0]
            self.assertEqual((deployed, later[1]), (table(*names), [f"Orders/{added}"]))
        self.assertIsNone(upgrade.with_next_indexes(deployed, wanted))


def table(*indexes: str) -> dict[str, Any]:
    """A template with a table with these indexes, each with a key of its own."""
    names = ["pk", *(index.removeprefix("by_") for index in indexes)]
    properties = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": [{"AttributeName": index.removeprefix("by_"), "KeyType": "HASH"}]}
            for index in indexes
        ],
    }
    return {"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}


class TestGlibc(unittest.TestCase):
    def test_the_newest_version_counts(self) -> None:
        self.assertEqual(glibc.needed(b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0"), (2, 34))
        self.assertEqual(glibc.needed(b"linked to nothing"), (0, 0))


if __name__ == "__main__":
    unittest.main()
