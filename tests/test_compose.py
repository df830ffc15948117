"""What `tests.support.compose` starts is what docker-compose.yml says, whatever it says."""

import shlex

import yaml

from tests.support.compose import FILE, Compose

TEXT = FILE.read_text(encoding="utf-8")
VARIABLES = {"MASH_OWNER_PASSWORD": "owner0", "MASH_APP_PASSWORD": "app0"}


def read(text: str = TEXT) -> Compose:
    return Compose.read(text, VARIABLES)


def test_every_service_is_read_with_its_command_its_number_and_its_healthcheck() -> None:
    said = yaml.safe_load(TEXT)["services"]
    services = read().services
    assert services.keys() == said.keys() == {"db", "migrate", "web", "timers"}
    for name, service in services.items():
        assert shlex.join(service.argv) == said[name].get("command", "")
        assert service.replicas == said[name].get("deploy", {}).get("replicas", 1)
        assert service.healthcheck == said[name].get("healthcheck", {}).get("test")
        assert service.environment.keys() == said[name]["environment"].keys()
    assert services["web"].replicas == 2 and services["web"].port == "8000"


def test_a_changed_command_is_a_changed_start() -> None:
    changed = TEXT.replace("command: mash timers", "command: mash timers --louder").replace(
        "replicas: 2", "replicas: 3"
    )
    services = read(changed).services
    assert services["timers"].argv == ("mash", "timers", "--louder") and services["web"].replicas == 3


def test_passwords_go_where_the_file_puts_them_and_services_wait_for_each_other() -> None:
    compose = read()
    owner = compose.services["migrate"].environment["MASH_OWNER_DATABASE_URL"]
    assert owner == "postgresql+psycopg://mash_owner:owner0@db/mash"
    assert compose.first_script() == "CREATE ROLE mash_app LOGIN PASSWORD 'app0';"
    order = list(compose.services)
    assert order.index("db") < order.index("migrate") < min(order.index("web"), order.index("timers"))
