"""What a message of an AWS tool says, as a person pastes it."""
