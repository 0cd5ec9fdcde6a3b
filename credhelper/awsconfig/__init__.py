"""The files in ~/.aws: a lossless document, what its profiles mean, what SDKs read differently, and the locked edit."""
