//! A use case's role: permissions for its logs and traces, for the event sources that Lambda polls, and its manifest's
//! grants.

use crate::function::is_traced;
use crate::text::list;
use functions::manifest::{Grant, Manifest, MediaAction};

/// One statement: actions and resources, with the lines before and after them.
struct Statement {
    comment: &'static str,
    effect: &'static str,
    actions: Vec<String>,
    resources: Vec<String>,
    condition: &'static str,
}

impl Statement {
    fn allow(actions: &[&str], resource: String) -> Self {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        Self { comment: "", effect: "Allow", actions, resources: vec![resource], condition: "" }
    }

    fn write(&self) -> String {
        let mut text = self.comment.to_owned();
        text += &format!("              - Effect: {}\n", self.effect);
        text += &list(16, "Action", &self.actions);
        text += &match self.resources.as_slice() {
            [one] => format!("                Resource: {one}\n"),
            several => list(16, "Resource", several),
        };
        text + self.condition
    }
}

/// The role of the function `id`.
pub(crate) fn resource(id: &str, manifest: &Manifest) -> String {
    let statements = statements(id, manifest);
    let statements: String = statements.iter().map(Statement::write).collect();
    format!(
        "
  {id}Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - {{ Effect: Allow, Principal: {{ Service: lambda.amazonaws.com }}, Action: sts:AssumeRole }}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
{statements}"
    )
}

fn statements(id: &str, manifest: &Manifest) -> Vec<Statement> {
    let logs = Statement::allow(&["logs:CreateLogStream", "logs:PutLogEvents"], format!("!GetAtt {id}Logs.Arn"));
    let mut all = vec![logs];
    if is_traced(manifest) {
        all.push(Statement::allow(&["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "\"*\"".to_owned()));
    }
    let queues: Vec<String> =
        manifest.queues.iter().map(|queue| format!("!GetAtt {id}{}Queue.Arn", queue.word)).collect();
    if !queues.is_empty() {
        let consume = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        all.push(Statement { resources: queues, ..Statement::allow(&consume, String::new()) });
    }
    if let Some(stream) = manifest.stream {
        let read =
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
        all.push(Statement::allow(&read, format!("!Ref {:?}StreamArn", stream.table)));
        all.push(Statement::allow(&["sqs:SendMessage"], format!("!GetAtt {id}Dlq.Arn")));
    }
    if manifest.schedule.is_some() {
        all.push(Statement::allow(&["sqs:SendMessage"], "!Ref SchedulesDlqArn".to_owned()));
    }
    for grant in &manifest.all_grants() {
        for statement in granted(grant) {
            match all.last_mut() {
                Some(last) if last.actions == statement.actions && last.effect == statement.effect => {
                    last.resources.extend(statement.resources);
                }
                _ => all.push(statement),
            }
        }
    }
    all
}

fn granted(grant: &Grant) -> Vec<Statement> {
    let actions: Vec<String> = grant.allows().into_iter().map(|(action, _)| action).collect();
    let allow = |resource: String| {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        Statement::allow(&actions, resource)
    };
    match grant {
        Grant::Table(table, _) => vec![allow(format!("!Ref {table:?}Arn"))],
        Grant::Index(table, index) => vec![allow(format!("!Sub \"${{{table:?}Arn}}/index/{index}\""))],
        Grant::PublishEvents => vec![allow("!Ref BusArn".to_owned())],
        Grant::SendTo(consumer) => {
            vec![allow(format!("!GetAtt {}Queue.Arn", functions::manifest::pascal_case(consumer)))]
        }
        Grant::Read(secret) => vec![allow(format!("!Ref {secret:?}Arn"))],
        Grant::Users(_) => vec![allow("!Ref UserPoolArn".to_owned())],
        Grant::PutObjects(folder) => vec![allow(format!("!Sub \"${{BucketArn}}/{folder}/*\""))],
        Grant::Media(action, folder) => {
            let object = Statement::allow(&[&format!("s3:{action:?}")], format!("!Sub \"${{MediaArn}}/{folder}/*\""));
            let missing = Statement {
                comment: "              # Without it S3 does not tell a missing object from a forbidden one.\n",
                ..Statement::allow(&["s3:ListBucket"], "!Ref MediaArn".to_owned())
            };
            if *action == MediaAction::GetObject { vec![object, missing] } else { vec![object] }
        }
        Grant::SendEmail => vec![Statement {
            comment: "              # A mail's recipient has no ARN: what may be sent is narrowed by its sender.\n",
            condition: "                Condition: { StringEqualsIfExists: { ses:FromAddress: !Ref MailFrom } }\n",
            ..allow("\"*\"".to_owned())
        }],
        Grant::SendSms => vec![
            Statement {
                comment: "              # Nor has a phone number one: topics are ruled out.\n",
                effect: "!If [SendsSms, Allow, Deny]",
                ..allow("\"*\"".to_owned())
            },
            Statement { effect: "Deny", ..allow("!Sub arn:${AWS::Partition}:sns:*:*:*".to_owned()) },
        ],
    }
}
