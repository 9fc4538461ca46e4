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
        _check(buyer, keccak256(abi.encode(CONSUME_TYPEHASH, sessionId, units, unitsUsedBefore, nonce)), signature);
    }

    function _checkClose(address seller, bytes32 sessionId, uint256 consumedAmount, bytes calldata signature)
        internal
        view
    {
        _check(seller, keccak256(abi.encode(CLOSE_TYPEHASH, sessionId, consumedAmount)), signature);
    }

    function _checkCharge(address seller, bytes32 sessionId, uint256 consumedAmount, bytes calldata signature)
        internal
        view
    {
        _check(seller, keccak256(abi.encode(CHARGE_TYPEHASH, sessionId, consumedAmount)), signature);
    }

    function _checkRequest(address buyer, bytes32 sessionId, bytes calldata signature) internal view {
        _check(buyer, keccak256(abi.encode(REQUEST_TYPEHASH, sessionId)), signature);
    }

    function _check(address signer, bytes32 structHash, bytes calldata signature) private view {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), structHash));
        if (!Signatures.isValid(signer, digest, signature)) revert BadSignature();
    }

    function _buildDomainSeparator() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("SessionEscrow"), keccak256(bytes(VERSION)), block.chainid, address(this))
        );
    }
}
