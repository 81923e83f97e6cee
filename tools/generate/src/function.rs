//! A use case's function with its role and log group, its routes, and its schedule.

use crate::role;
use crate::text::{plain, remark};
use contracts::routes::Access;
use functions::UseCase;
use functions::manifest::{Grant, HttpRoute, Manifest, Schedule, pascal_case};

/// All resources of a use case except its queues.
pub(crate) fn resources(use_case: &UseCase) -> String {
    let UseCase { name, manifest, .. } = use_case;
    let id = pascal_case(name);
    let mut text = function(name, &id, manifest) + &role::resource(&id, manifest) + &log_group(name, &id);
    text += &integration(&id, manifest.routes);
    if let Some(schedule) = &manifest.schedule {
        text += &self::schedule(name, &id, schedule);
    }
    text
}

fn function(name: &str, id: &str, manifest: &Manifest) -> String {
    let Manifest { description, memory, .. } = manifest;
    let (timeout, binary) = (manifest.timeout(), manifest.binary.name());
    let tracing = if is_traced(manifest) {
        "{ Mode: Active }"
    } else {
        "{ Mode: PassThrough } # an idle tick is not worth a trace"
    };
    let variables = match manifest.grants.iter().find_map(|grant| match grant {
        Grant::SendTo(consumer) => Some(pascal_case(consumer)),
        _ => None,
    }) {
        Some(consumer) => format!("{{ SETTINGS: !Ref Settings, COUPON_REQUESTS_QUEUE: !Ref {consumer}Queue }}"),
        None => "{ SETTINGS: !Ref Settings }".to_owned(),
    };
    format!(
        "
  {id}:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Sub ${{ShopName}}-{name}
      Description: {}
      Runtime: provided.al2023
      Architectures: [!Ref Architecture]
      Handler: {name}
      Code: ../../target/lambda/{binary}/bootstrap.zip
      Role: !GetAtt {id}Role.Arn
      MemorySize: {}{}
      Timeout: {}{}
      TracingConfig: {tracing}
      LoggingConfig: {{ LogFormat: JSON, ApplicationLogLevel: DEBUG, LogGroup: !Ref {id}Logs }}
      Environment: {{ Variables: {variables} }}
",
        plain(description),
        memory.value,
        remark(memory.why),
        timeout.value,
        remark(timeout.why),
    )
}

/// Whether its invocations are traced: a use case that only a schedule invokes mostly finds nothing to do.
pub(crate) const fn is_traced(manifest: &Manifest) -> bool {
    manifest.schedule.is_none()
}

fn log_group(name: &str, id: &str) -> String {
    format!(
        "
  {id}Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /aws/lambda/${{ShopName}}-{name}
      RetentionInDays: !Ref LogRetentionDays
"
    )
}

fn integration(id: &str, routes: &[HttpRoute]) -> String {
    if routes.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "
  {id}Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref ApiId
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt {id}.Arn
      PayloadFormatVersion: \"2.0\"

  {id}Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref {id}
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{ApiId}}/*
"
    );
    for (position, route) in routes.iter().enumerate() {
        let word = match (position, route.access) {
            (0, _) => "",
            (_, Access::Admin) => "Admin",
            _ => "Other",
        };
        let authorization = match route.access {
            Access::Public => "AuthorizationType: NONE",
            Access::Customer | Access::Admin => "AuthorizationType: JWT\n      AuthorizerId: !Ref AuthorizerId",
        };
        text += &format!(
            "
  {id}{word}Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref ApiId
      RouteKey: {} {}
      Target: !Sub integrations/${{{id}Integration}}
      {authorization}
",
            route.method, route.path
        );
    }
    text
}

fn schedule(name: &str, id: &str, schedule: &Schedule) -> String {
    let timezone = if schedule.is_local_time() { "\n      ScheduleExpressionTimezone: !Ref ShopTimezone" } else { "" };
    let Schedule { expression, retries, tick_seconds_max } = schedule;
    format!(
        "
  {id}Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: !Sub ${{ShopName}}-{name}
      ScheduleExpression: {expression}{timezone}
      FlexibleTimeWindow: {{ Mode: \"OFF\" }}
      Target:
        Arn: !GetAtt {id}.Arn
        RoleArn: !GetAtt {id}ScheduleRole.Arn
        Input: '{{\"time\":\"<aws.scheduler.scheduled-time>\"}}'
        RetryPolicy: {{ MaximumRetryAttempts: {retries}, MaximumEventAgeInSeconds: {tick_seconds_max} }}
        DeadLetterConfig: {{ Arn: !Ref SchedulesDlqArn }}

  {id}ScheduleRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - {{ Effect: Allow, Principal: {{ Service: scheduler.amazonaws.com }}, Action: sts:AssumeRole }}
      Policies:
        - PolicyName: tick
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
              - {{ Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt {id}.Arn }}
              - {{ Effect: Allow, Action: sqs:SendMessage, Resource: !Ref SchedulesDlqArn }}

  # The Scheduler invokes asynchronously: by default Lambda would retry a failed tick twice, and a throttled one for hours.
  # A failed tick goes to the same dead-letter queue as one that did not start its function; that queue has an alarm.
  {id}Invocations:
    Type: AWS::Lambda::EventInvokeConfig
    Properties:
      FunctionName: !Ref {id}
      Qualifier: $LATEST
      MaximumRetryAttempts: 0
      MaximumEventAgeInSeconds: 600
      DestinationConfig:
        OnFailure: {{ Destination: !Ref SchedulesDlqArn }}
"
    )
}
