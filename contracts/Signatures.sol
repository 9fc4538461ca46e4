// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Signatures of accounts with a key (65 bytes r, s, v) and of contracts (ERC-1271).
library Signatures {
    /// secp256k1n / 2 (EIP-2): every signature has a twin with a greater s, which is not accepted.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// The key comes first, so that an account keeps its signatures when it gets code (EIP-7702).
    /// A contract can call a signature good today and bad tomorrow: who serves on one should bring it in soon.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 65) {
            bytes32 r = bytes32(signature[0:32]);
            bytes32 s = bytes32(signature[32:64]);
            address recovered = uint256(s) > HALF_ORDER ? address(0) : ecrecover(digest, uint8(signature[64]), r, s);
            if (recovered == signer && recovered != address(0)) return true;
        }
        return signer.code.length > 0 && acceptedByContract(signer, digest, signature);
    }

    function acceptedByContract(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        (bool ok, bytes memory reply) = signer.staticcall(abi.encodeWithSelector(magic, digest, signature));
        return ok && reply.length >= 32 && bytes32(reply) == bytes32(magic);
    }
}

interface IERC1271 {
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
}
