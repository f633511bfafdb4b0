"""Names in AWS: the account, the region, and the bucket in a store's URL."""

import pulumi
import pulumi_aws as aws


def account_id() -> pulumi.Output[str]:
    """The number of the account that is deployed to."""
    return aws.get_caller_identity_output().account_id


def region() -> pulumi.Output[str]:
    """The region that is deployed to."""
    return aws.get_region_output().region


def bucket_of(store: pulumi.Input[str]) -> pulumi.Output[str]:
    """The bucket's name, of s3://BUCKET."""
    return pulumi.Output.from_input(store).apply(lambda url: url.removeprefix("s3://"))


def bucket_arn(store: pulumi.Input[str]) -> pulumi.Output[str]:
    """The bucket's ARN; in China and GovCloud the partition is another one than aws."""
    return pulumi.Output.format("arn:{}:s3:::{}", partition(), bucket_of(store))


def partition() -> pulumi.Output[str]:
    """The partition, which ARNs begin with behind "arn:"."""
    return aws.get_partition_output().partition
