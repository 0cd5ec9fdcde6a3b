//! One client, four actions: identity, list BUCKET, credentials (five calls), loop SECONDS.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_sts::error::DisplayErrorContext;
use aws_smithy_http_client::Builder;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments[0], &arguments[1]).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", DisplayErrorContext(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(action: &str, argument: &str) -> Outcome {
    // Plain http: everything this program may talk to is on this machine.
    let loaded = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(Builder::new().build_http())
        .load()
        .await;
    match action {
        "identity" => identity(&loaded).await,
        "list" => list(&loaded, argument).await,
        "credentials" => credentials(&loaded).await,
        "loop" => {
            let sts = aws_sdk_sts::Client::new(&loaded);
            let end = Instant::now() + Duration::from_secs(argument.parse()?);
            while Instant::now() < end {
                println!("{}", sts.get_caller_identity().send().await?.arn().unwrap_or_default());
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        }
        _ => Err(format!("unknown action {action:?}").into()),
    }
}

async fn identity(loaded: &SdkConfig) -> Outcome {
    let caller = aws_sdk_sts::Client::new(loaded).get_caller_identity().send().await?;
    println!("{}", caller.arn().unwrap_or_default());
    Ok(())
}

async fn list(loaded: &SdkConfig, bucket: &str) -> Outcome {
    let config = aws_sdk_s3::config::Builder::from(loaded).force_path_style(true).build();
    let listing = aws_sdk_s3::Client::from_conf(config).list_objects_v2().bucket(bucket).send().await?;
    for object in listing.contents() {
        println!("{}", object.key().unwrap_or_default());
    }
    Ok(())
}

// A bare provider keeps nothing and starts the process at every read; what keeps credentials is the service client.
async fn credentials(loaded: &SdkConfig) -> Outcome {
    let sts = aws_sdk_sts::Client::new(loaded);
    for _ in 0..5 {
        println!("{}", sts.get_caller_identity().send().await?.account().unwrap_or_default());
    }
    Ok(())
}
