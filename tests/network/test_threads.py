"""One thread within the context, as many as before outside of it."""

import pytest
import torch

from explorer.network.threads import single_threaded


@pytest.mark.parametrize("count", [1, 2])
def test_torch_uses_one_thread_whatever_was_set(count):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(count)
        with single_threaded():
            assert torch.get_num_threads() == 1
            with single_threaded():
                assert torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == count
        with pytest.raises(KeyError), single_threaded():
            raise KeyError
        assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(before)
