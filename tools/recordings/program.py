"""The program that is recorded for a version: together its jobs use every input, and an explicit provider."""

import pulumi

import pulumi_dli as dli

config = pulumi.Config()

dli.FlinkJarJob(
    "everything",
    name="everything",
    desc="A job with all properties",
    queue_name="streaming",
    cu_number=8,
    manager_cu_number=2,
    parallel_number=6,
    log_enabled=True,
    obs_bucket="logs",
    smn_topic="urn:smn:eu-de:1:alerts",
    main_class="com.example.Everything",
    entrypoint_args=config.require_secret("arguments"),
    restart_when_exception=True,
    entrypoint="obs://artifacts/everything-1.4.jar",
    dependency_jars=["obs://artifacts/common.jar"],
    dependency_files=["obs://artifacts/geo.csv"],
    tm_cus=2,
    tm_slot_num=2,
    resume_checkpoint=True,
    resume_max_num=3,
    checkpoint_path="obs://artifacts/checkpoints/everything",
    runtime_config=config.require_secret("settings"),
    job_type="flink_jar_job",
    checkpoint_enabled=True,
    checkpoint_mode=2,
    checkpoint_interval=60,
    execution_agency_urn="dli-agency",
    tags=[{"key": "team", "value": "web"}],
    feature="custom",
    flink_version="1.15",
    image="swr/flink",
    flink_log_config='{"rootLogger": "INFO"}',
    upgrade_mode="stateless",
    restart_nonce="first",
    on_failure="leave",
    on_conflict="overwrite",
    on_delete="stop",
    stop_timeout=600,
    start_timeout=600,
    settle_time=0,
    opts=pulumi.ResourceOptions(protect=False),
)

dli.FlinkJarJob(
    "resources",
    name="resources",
    queue_name="streaming",
    entrypoint="obs://artifacts/resources.jar",
    resource_config_version="v2",
    resource_config={
        "max_slot": 2,
        "parallel_number": 4,
        "jobmanager_resource_spec": {"cpu": 0.5, "memory": "2GB"},
        "taskmanager_resource_spec": {"cpu": 1.5, "memory": "6144MB"},
    },
    settle_time=0,
)

dli.FlinkJarJob(
    "stopped",
    dli.FlinkJarJobArgs(
        name="stopped", queue_name="streaming", entrypoint="obs://artifacts/stopped.jar", desired_state="stopped"
    ),
)

dli.FlinkJarJob("adopted", job_id="138", adopt_changes=True, name="adopted", cu_number=4, settle_time=0)

dli.FlinkJarJob(
    "elsewhere",
    name="elsewhere",
    queue_name="streaming",
    entrypoint="obs://artifacts/elsewhere.jar",
    settle_time=0,
    opts=pulumi.ResourceOptions(
        provider=dli.Provider(
            "own",
            endpoint=config.require("endpoint"),
            region="eu-de",
            project_id=config.require("projectId"),
            token=config.require_secret("token"),
            change_cost={"smn_topic": "RESTART"},
        )
    ),
)
