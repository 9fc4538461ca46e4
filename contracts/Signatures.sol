// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Signatures of accounts with a key (65 bytes r, s, v) and of contracts (ERC-1271).
library Signatures {
    /// secp256k1n / 2 (EIP-2): every signature has a twin with a greater s, which is not accepted.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// The key comes first, so that an account keeps its signatures when it gets code (EIP-7702).
    /// A contract can call a signature good today and bad tomorrow: who serves on one should bring it in soon.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 65 && isByKey(signer, digest, signature)) return true;
        return signer.code.length > 0 && acceptedByContract(signer, digest, signature);
    }

    /// @dev In assembly, for a charge has two of them: nothing but the call of the precompiled contract, `ecrecover`. It
    /// writes nothing when no key signs so.
    function isByKey(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        uint256 recovered;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let s := calldataload(add(signature.offset, 32))
            mstore(free, digest)
            mstore(add(free, 32), byte(0, calldataload(add(signature.offset, 64))))
            mstore(add(free, 64), calldataload(signature.offset))
            mstore(add(free, 96), s)
            mstore(0, 0)
            if iszero(gt(s, HALF_ORDER)) { pop(staticcall(gas(), 1, free, 128, 0, 32)) }
            recovered := mload(0)
        }
        return recovered != 0 && recovered == uint160(signer);
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
