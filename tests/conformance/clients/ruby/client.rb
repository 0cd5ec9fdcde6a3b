# One client, four actions: identity, list BUCKET, credentials (five reads), loop SECONDS.
require "aws-sdk-s3"

# This version knows no AWS_ENDPOINT_URL: the program says where AWS is, also for the SDK's own AssumeRole.
Aws.config.update(sts: { endpoint: ENV.fetch("AWS_ENDPOINT_URL") },
                  s3: { endpoint: ENV.fetch("AWS_ENDPOINT_URL"), force_path_style: true })

action, argument = ARGV
case action
when "identity"
  puts Aws::STS::Client.new.get_caller_identity.arn
when "list"
  Aws::S3::Client.new.list_objects_v2(bucket: argument).contents.each { |object| puts object.key }
when "credentials"
  provider = Aws::STS::Client.new.config.credentials
  5.times { puts provider.credentials.access_key_id }
when "loop"
  sts = Aws::STS::Client.new
  ending = Process.clock_gettime(Process::CLOCK_MONOTONIC) + argument.to_f
  while Process.clock_gettime(Process::CLOCK_MONOTONIC) < ending
    puts sts.get_caller_identity.arn
    $stdout.flush
    sleep 1
  end
else
  abort "unknown action #{action}"
end
