// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISessionEscrow} from "./ISessionEscrow.sol";
import {Signatures} from "./Signatures.sol";

/// @dev What is signed for the escrow (EIP-712), in the domain {"SessionEscrow", "2", chain, contract}.
abstract contract SessionSignatures is ISessionEscrow {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "SessionTerms(address seller,address token,uint256 totalDeposit,uint256 pricePerUnit,uint256 duration,bytes32 salt)"
    );
    bytes32 private constant CONSUME_TYPEHASH =
        keccak256("ConsumeUnits(bytes32 sessionId,uint256 units,uint256 unitsUsedBefore,bytes32 nonce)");
    bytes32 private constant CLOSE_TYPEHASH = keccak256("CloseSession(bytes32 sessionId,uint256 consumedAmount)");
    bytes32 private constant CHARGE_TYPEHASH = keccak256("ChargeUnits(bytes32 sessionId,uint256 consumedAmount)");
    bytes32 private constant REQUEST_TYPEHASH = keccak256("RequestClose(bytes32 sessionId)");

    string private constant VERSION = "2";

    uint256 private immutable _chainId = block.chainid;
    bytes32 private immutable _domainSeparator = _buildDomainSeparator();

    /// @notice The EIP-712 struct hash of the terms: the nonce of the buyer's authorization.
    function termsHash(SessionTerms calldata terms) public pure returns (bytes32) {
        return keccak256(abi.encode(TERMS_TYPEHASH, terms));
    }

    /// @notice The version of this contract and of its EIP-712 domain. That of 0.1.0, "1", has no such call: there
    /// anybody could have all charged that a buyer had signed.
    function version() external pure returns (string memory) {
        return VERSION;
    }

    /// @notice {"SessionEscrow", {version}, chain, this contract} (EIP-712).
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return block.chainid == _chainId ? _domainSeparator : _buildDomainSeparator();
    }

    function _checkConsume(
        address buyer,
        bytes32 sessionId,
        uint256 units,
        uint256 unitsUsedBefore,
        bytes32 nonce,
        bytes calldata signature
    ) internal view {
        bytes32 structHash;
        bytes32 typeHash = CONSUME_TYPEHASH;
        // `keccak256(abi.encode(...))` of the five words, without a copy in memory.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 32), sessionId)
            mstore(add(free, 64), units)
            mstore(add(free, 96), unitsUsedBefore)
            mstore(add(free, 128), nonce)
            structHash := keccak256(free, 160)
        }
        _check(buyer, structHash, signature);
    }

    function _checkClose(address seller, bytes32 sessionId, uint256 consumedAmount, bytes calldata signature)
        internal
        view
    {
        _check(seller, _amountHash(CLOSE_TYPEHASH, sessionId, consumedAmount), signature);
    }

    function _checkCharge(address seller, bytes32 sessionId, uint256 consumedAmount, bytes calldata signature)
        internal
        view
    {
        _check(seller, _amountHash(CHARGE_TYPEHASH, sessionId, consumedAmount), signature);
    }

    function _checkRequest(address buyer, bytes32 sessionId, bytes calldata signature) internal view {
        _check(buyer, keccak256(abi.encode(REQUEST_TYPEHASH, sessionId)), signature);
    }

    function _check(address signer, bytes32 structHash, bytes calldata signature) private view {
        bytes32 separator = DOMAIN_SEPARATOR();
        bytes32 digest;
        // `"\x19\x01" | separator | structHash` (EIP-712).
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, shl(240, 0x1901))
            mstore(add(free, 2), separator)
            mstore(add(free, 34), structHash)
            digest := keccak256(free, 66)
        }
        if (!Signatures.isValid(signer, digest, signature)) revert BadSignature();
    }

    /// The hash of a struct of a session and an amount.
    function _amountHash(bytes32 typeHash, bytes32 sessionId, uint256 amount) private pure returns (bytes32 structHash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 32), sessionId)
            mstore(add(free, 64), amount)
            structHash := keccak256(free, 96)
        }
    }

    function _buildDomainSeparator() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("SessionEscrow"), keccak256(bytes(VERSION)), block.chainid, address(this))
        );
    }
}
