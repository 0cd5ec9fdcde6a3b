"""One answer of AWS in the words of each tool that shows it. Pure."""

from collections.abc import Mapping


def of_tools(service: str, operation: str, code: str, status: int, message: str) -> Mapping[str, str]:
    """Return what the tools print of an error that AWS answered, by the name of the tool."""
    said = f"An error occurred ({code}) when calling the {operation} operation: {message}"
    api = f"https response error StatusCode: {status}, RequestID: …, api error {code}: {message}"
    return {
        "AWS CLI": said,
        "boto3": f"botocore.exceptions.ClientError: {said}",
        "Go": f"operation error {service}: {operation}, {api}",
        "Java": f"{message} (Service: {_of_java(service)}, Status Code: {status}, Request ID: …)",
        "Terraform": f"Error: … operation error {service}: {operation}, {api}",
    }


def _of_java(service: str) -> str:
    return "".join(word.capitalize() for word in service.split())
