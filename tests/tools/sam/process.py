"""Print what CloudFormation makes of a SAM template, as JSON: run by the environment that has the SAM translator.

Local folders are written as if they had been uploaded, as `sam validate` does it; uploaded ones stay as they are.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies:
    """No managed policy is named without its ARN."""

    def load(self) -> dict[str, str]:
        return {}


def main(path: str) -> None:
    template = yaml_parse(Path(path).read_text())
    for resource in template["Resources"].values():
        for uri in ("CodeUri", "ContentUri"):
            if not str(resource.get("Properties", {}).get(uri, "s3://")).startswith("s3://"):
                resource["Properties"][uri] = "s3://uploaded/artefact"
    json.dump(transform(template, {}, NoPolicies()), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
