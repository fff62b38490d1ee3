"""Writes the files of this directory: run with Debian 13's python3-numpy and python3-safetensors."""
import numpy as np
from safetensors.numpy import save_file

a = np.arange(6, dtype=np.float64).reshape(2, 3) / 4
np.save("f8.npy", a)
np.save("f4-fortran.npy", np.asfortranarray(a.astype(np.float32)))
np.save("f2.npy", np.array([1.5, -2.0, 6e-8, 65504.0], dtype=np.float16))
np.save("big-endian.npy", a.astype(">f4"))
np.save("i4.npy", np.array([-3, 0, 7], dtype=np.int32))
np.save("u1.npy", np.array([[0, 255]], dtype=np.uint8))
np.save("bool.npy", np.array([True, False]))
np.save("i8-large.npy", np.array([2**53 + 1], dtype=np.int64))
np.save("complex.npy", np.array([1j]))
np.save("scalar.npy", np.float64(2.5))
np.savez("two.npz", W=a, b=np.array([1, 2], dtype=np.int16))
np.savez_compressed("packed.npz", W=np.zeros((64, 64)))
save_file({"rnn.weight_hh_l0": a.astype(np.float32), "rnn.bias": np.array([0.5, -1.0], dtype=np.float16), "n": np.array([[3]], dtype=np.int64)}, "net.safetensors", metadata={"format": "np"})
np.savetxt("table.csv", a, delimiter=",", header="x,y,z", comments="")
