"""The AWS side on this machine: functions under Lambda's own runtime, and an emulator to deploy them to.

Nothing here proves a deployment to AWS: infra/docs/local-aws.md says what each part shows.
"""
