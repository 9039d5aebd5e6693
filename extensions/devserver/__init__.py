"""A small platform to try the IDE extensions on: releases, environments, promotions with approvals, deployments.

It serves `extensions/api/platform.openapi.yaml` on 127.0.0.1, keeps everything in memory, and takes the tokens of the
development Authority. Each tenant begins with the same things.
"""
