/* SPDX-License-Identifier: Apache-2.0 */
/** @file fuzz_samples.h
 *  @brief Inventory and circuits with the devices and interfaces of the sample traps. */
#ifndef TK_FUZZ_SAMPLES_H
#define TK_FUZZ_SAMPLES_H

static const char fuzz_inventory[] = "address,prefix,engine_id,name,site\n"
                                     "192.0.2.7,,,pe1.fra,FRA3\n"
                                     ",,0x80001f8804706532,pe2.fra,FRA3\n"
                                     ",203.0.113.0/24,,,MUC2\n"
                                     ",2001:db8::/32,,,MUC2\n"
                                     ",,,olt7.muc,MUC2\n";

static const char fuzz_circuits[] = "device,ifIndex,ifName,circuit_id,site\n"
                                    "pe1.fra,7,xe-0/0/1,DE-FRA-00412,FRA4\n"
                                    "203.0.113.9,,GigabitEthernet0/1,DE-MUC-00077,\n";

#endif /* TK_FUZZ_SAMPLES_H */
