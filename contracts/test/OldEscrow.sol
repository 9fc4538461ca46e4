// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What can be seen of an escrow of the first version: its EIP-712 domain. It had no `version()`.
contract OldEscrow {
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        bytes32 domain = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(domain, keccak256("SessionEscrow"), keccak256("1"), block.chainid, address(this)));
    }
}
