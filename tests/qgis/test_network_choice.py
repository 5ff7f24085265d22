"""The choice of a network is checked before anything runs, and handed over to the engine."""

import pytest


@pytest.fixture
def parameters(scene, labels, tmp_path):
    return {
        "OPTICAL": scene["optical"],
        "SAR": scene["sar"],
        "LABELS": labels,
        "OUTPUT": str(tmp_path / "out.safetensors"),
        "REPORT": None,
    }


@pytest.fixture
def check(algorithm, parameters, context):
    """Checks fine-tuning with some parameters changed; returns the sentence, '' where all is well."""

    def run(**changes):
        valid, message = algorithm("finetune").checkParameterValues({**parameters, **changes}, context)
        assert valid == (message == "")
        return message

    return run


def test_it_is_handed_over_with_all_that_goes_with_it(qgis_processing, provider, parameters, recording_engine, build):
    import processing

    both = [build.checkpoint(f"{role}.safetensors", roles=(role,)) for role in ("sar", "optical")]
    chosen = {"NETWORK": "dual-stmim-unet", "MODE": "full", "SIZE": "nano", "FUSION": "gated"}
    processing.run("landsketch:finetune", {**parameters, **chosen, "CHECKPOINT": both[0], "CHECKPOINT_2": both[1]})
    processing.run("landsketch:finetune", parameters)
    spec, usual = recording_engine.specs
    assert (spec.network, spec.size, spec.fusion) == ("dual-stmim-unet", "nano", "gated")
    assert spec.checkpoints() == tuple(both)
    assert (usual.network, usual.size, usual.fusion, usual.checkpoints()) == ("auto", "auto", "concat", ())


def test_what_does_not_go_together_is_named(check, build):
    assert check(NETWORK="swin-unet", MODE="full") == ""
    assert check(NETWORK="swin-unet", MODE="frozen").startswith("'frozen' fits a light classifier")
    assert "starts from a pretrained encoder" in check(NETWORK="stmim-unet", MODE="full")
    assert "the scene has no sar image" in check(NETWORK="dual-swin", MODE="full", SAR=None)
    one = build.checkpoint("optical.safetensors")
    assert "Two checkpoints were given" in check(CHECKPOINT=one, CHECKPOINT_2=one)
    assert "does not exist" in check(NETWORK="dual-swin", MODE="full", CHECKPOINT=one, CHECKPOINT_2="gone.safetensors")


def test_each_of_two_encoders_is_checked_against_its_own_image(check, build):
    optical = build.checkpoint("optical.safetensors")
    sar = build.checkpoint("sar.safetensors", roles=("sar",))
    assert check(NETWORK="dual-swin", MODE="full", CHECKPOINT=sar, CHECKPOINT_2=optical) == ""
    other = build.checkpoint("other.safetensors", bands=("B02", "B99"))
    assert "B99" in check(NETWORK="dual-swin", MODE="full", CHECKPOINT=sar, CHECKPOINT_2=other)


def test_the_help_tells_the_networks_apart(algorithm):
    text = algorithm("finetune").shortHelpString()
    assert "DualSTMIM-UNet" in text and "Double U-Net" in text
