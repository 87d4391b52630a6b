"""Writes the SBOM of an image in CycloneDX 1.6, from dpkg's status and the METADATA of Python packages that are not
dpkg's on standard input, the list that Maven's plug-in made, of which those count that are among the jars that the image has,
and npm's of what is bundled into the playground's editor.

  bom.py IMAGE VERSION [MAVENS_BOM DIRECTORY_OF_JARS NPMS_LOCK] < STATUS_AND_METADATA
  bom.py --check BOM
"""

import json
import os
import sys
from typing import Any
from urllib.parse import quote


def paragraphs(text: str) -> list[dict[str, str]]:
    found = []
    for block in text.split("\n\n"):
        fields = {}
        for line in block.splitlines():
            if line and not line[0].isspace() and ":" in line:
                name, value = line.split(":", 1)
                fields[name] = value.strip()
        if fields:
            found.append(fields)
    return found


def debian(package: dict[str, str]) -> dict[str, Any]:
    name, version, architecture = package["Package"], package["Version"], package["Architecture"]
    purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}?arch={architecture}&distro=debian-13"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "properties": [{"name": "debian:source", "value": package.get("Source", name)}],
    }


def installed(package: dict[str, str]) -> bool:
    return package.get("Status", "").endswith(" installed")


def python(package: dict[str, str]) -> dict[str, Any]:
    name, version = package["Name"], package["Version"]
    purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def npm(path: str, package: dict[str, Any]) -> dict[str, Any]:
    name, version = path.removeprefix("node_modules/"), package["version"]
    purl = f"pkg:npm/{quote(name)}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{"license": {"id": package["license"]}}],
    }


def write(image: str, version: str, services: list[str]) -> None:
    packages = paragraphs(sys.stdin.read())
    components = [debian(package) for package in packages if installed(package)]
    components += [python(package) for package in packages if "Metadata-Version" in package]
    if services:
        bom, jars, lock = services
        with open(bom, encoding="utf-8") as file:
            listed = {f"{component['name']}-{component['version']}.jar": component for component in json.load(file)["components"]}
        missing = set(os.listdir(jars)) - set(listed)
        assert not missing, f"{bom} lacks {sorted(missing)}"
        components += [listed[jar] for jar in os.listdir(jars)]
        with open(lock, encoding="utf-8") as file:
            bundled = json.load(file)["packages"].items()
        components += [npm(path, package) for path, package in bundled if path and not package.get("dev")]
    components.sort(key=lambda component: component["bom-ref"])
    json.dump(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "component": {
                    "type": "container",
                    "bom-ref": f"{image}:{version}",
                    "name": image,
                    "version": version,
                    "licenses": [{"license": {"id": "Apache-2.0"}}],
                }
            },
            "components": components,
        },
        sys.stdout,
        indent=1,
        sort_keys=True,
    )
    print()


def check(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        bom = json.load(file)
    references = [component["bom-ref"] for component in bom["components"]]
    assert bom["bomFormat"] == "CycloneDX", path
    assert len(references) == len(set(references)), f"{path} names a component twice"
    assert all(component.get("purl") for component in bom["components"]), f"{path} has a component without a purl"
    kinds = sorted({reference.split("/", 1)[0] for reference in references})
    assert "pkg:deb" in kinds and len(references) > 50, f"{path} has {len(references)} components"
    if "pkg:maven" in kinds:
        assert "pkg:npm" in kinds, f"{path} lacks what the playground's editor is made of"
        assert any(reference.startswith("pkg:deb/debian/openjdk-") for reference in references), f"{path} lacks Java"
    print(f"{path}: {len(references)} components, {' and '.join(kinds)}", file=sys.stderr)


if sys.argv[1] == "--check":
    check(sys.argv[2])
else:
    write(sys.argv[1], sys.argv[2], sys.argv[3:])
