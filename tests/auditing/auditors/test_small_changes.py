"""Projections, and the search for the change that leads furthest."""

import pytest
import torch

from explorer.auditing.auditors.small_changes import Ball, changed, furthest_changes
from explorer.network.architectures import MLP, with_weights


@pytest.mark.parametrize("norm", [1, 2])
def test_a_projection_is_the_nearest_point_of_the_ball(norm):
    ball, generator = Ball(norm, 1.5), torch.Generator().manual_seed(0)
    points = 3 * torch.randn(20, 6, generator=generator)
    nearest = ball.project(points)
    assert (nearest.norm(p=norm, dim=1) <= 1.5 + 1e-5).all()
    others = torch.randn(5000, 6, generator=generator)
    others = others / others.norm(p=norm, dim=1, keepdim=True)
    others = 1.5 * others * torch.rand(5000, 1, generator=generator)
    distances = torch.cdist(points, others).amin(dim=1)
    assert ((points - nearest).norm(dim=1) <= distances + 1e-5).all()


@pytest.mark.parametrize("norm", [1, 2])
def test_what_is_in_the_ball_stays(norm):
    inside = 0.1 * torch.randn(9, 5, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(Ball(norm, 2.0).project(inside), inside)


def test_of_a_linear_network_the_furthest_change_is_known():
    """In the L2 ball it is along the difference of two rows, in the L1 ball one pixel."""
    weight = torch.tensor([[0.0, 0.0, 0.0], [3.0, 4.0, 0.0]])
    network = with_weights(MLP([3, 2]), [weight], [torch.tensor([0.0, -9.0])])
    images = torch.full((1, 2, 3), 0.2)
    answers = torch.tensor([1])
    for ball, wanted in ((Ball(2, 0.5), [0.3, 0.4, 0.0]), (Ball(1, 0.5), [0.0, 0.5, 0.0])):
        found, reached = furthest_changes(network, images, answers, ball, 200)
        torch.testing.assert_close(found[0], torch.tensor(wanted), atol=0.03, rtol=0)
        expected = (weight[1] * (images[0, 0] + found[0])).sum() - 9.0
        torch.testing.assert_close(reached, expected.expand(1, 2))


def test_changed_images_stay_in_range():
    images = torch.rand(3, 4, 5, generator=torch.Generator().manual_seed(2))
    found = changed(images, torch.full((3, 5), -0.7))
    assert found.min() == 0.0 and found.shape == images.shape
